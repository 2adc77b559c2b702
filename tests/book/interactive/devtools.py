"""A headless Chromium, spoken to over its DevTools socket: opens, points, types, takes pictures."""

import base64
import itertools
import json
import re
import subprocess
import threading
import time
from pathlib import Path

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome")
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage"),
    *("--no-first-run", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--remote-debugging-port=0", "--remote-allow-origins=*"),
)
PROBLEMS = ("Runtime.exceptionThrown", "Network.loadingFailed")
KEYS = {"Tab": 9, "Enter": 13, " ": 32, "ArrowDown": 40}


class Chromium:
    """One browser with one page; `problems` are what went wrong since it was last opened."""

    def __init__(self, program, profile):
        command = [program, *QUIET, f"--user-data-dir={profile}", "about:blank"]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        found = (re.search(r"(ws://\S+)", line) for line in self.process.stderr)
        address = next(filter(None, found))[1]
        threading.Thread(target=self.process.stderr.read, daemon=True).start()
        import websocket

        self.socket = websocket.create_connection(address, timeout=60)
        self.numbers, self.events, self.session = itertools.count(1), [], None
        page = self.send("Target.createTarget", url="about:blank")["targetId"]
        attached = self.send("Target.attachToTarget", targetId=page, flatten=True)
        self.session = attached["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.send(f"{domain}.enable")

    def send(self, method, **params):
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        self.socket.send(json.dumps(message))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return answer["result"]
            self.events.append(answer)

    def value(self, expression):
        """Value of a JavaScript expression; of a promise, what it comes to."""
        options = {"returnByValue": True, "awaitPromise": True, "userGesture": True}
        done = self.send("Runtime.evaluate", expression=expression, **options)
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def until(self, expression, seconds=60):
        """Wait until a JavaScript expression is true; its value."""
        deadline = time.monotonic() + seconds
        while not (value := self.value(expression)):
            assert time.monotonic() < deadline, f"never came: {expression}"
            time.sleep(0.05)
        return value

    def open(self, url, width=1100, height=1000, scheme="light"):
        self.events.clear()
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.send("Emulation.setDeviceMetricsOverride", **size)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.send("Emulation.setEmulatedMedia", media="", features=features)
        self.send("Page.navigate", url=url)
        self.until(f"location.href.startsWith({url!r}) && document.readyState === 'complete'")

    def requests(self):
        """Addresses that the page asked for."""
        asked = [one for one in self.events if one["method"] == "Network.requestWillBeSent"]
        return [one["params"]["request"]["url"] for one in asked]

    def problems(self):
        """Errors of scripts, of the console and of loading."""
        self.value("1")
        logged = [one["params"] for one in self.events if one["method"] == "Log.entryAdded"]
        said = [one["params"] for one in self.events if one["method"] == "Runtime.consoleAPICalled"]
        return [
            *(one for one in self.events if one["method"] in PROBLEMS),
            *(one for one in logged if one["entry"]["level"] == "error"),
            *(one for one in said if one["type"] in ("error", "assert")),
        ]

    def point(self, x, y):
        """Move the mouse to a place in the window, in steps as a hand does."""
        for away in (6, 3, 0):
            self.send("Input.dispatchMouseEvent", type="mouseMoved", x=x - away, y=y)

    def press(self, key):
        """One key, down and up."""
        code = {"key": key, "code": "Space" if key == " " else key}
        code |= {"windowsVirtualKeyCode": KEYS[key]}
        text = {"Enter": {"text": "\r"}, " ": {"text": " "}}.get(key, {})
        self.send("Input.dispatchKeyEvent", type="keyDown", **code, **text)
        self.send("Input.dispatchKeyEvent", type="keyUp", **code)

    def write(self, text):
        """Type into what has the focus."""
        self.send("Input.insertText", text=text)

    def picture(self, path=None):
        """The window as PNG bytes, also written to `path`."""
        data = base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"])
        if path:
            Path(path).write_bytes(data)
        return data

    def close(self):
        self.socket.close()
        self.process.terminate()
        self.process.wait(timeout=30)
