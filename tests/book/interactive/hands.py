"""A reader's hands on a drawing: opens it, points, types, tabs, and reads what is shown."""

import time

KEYS = {"Tab": 9, "Enter": 13, " ": 32, "ArrowDown": 40}
# Text of the page with what stands in shadow roots, where Bokeh has its tooltips.
SHOWN = """(() => {
  const read = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return node.textContent;
    if (![Node.ELEMENT_NODE, Node.DOCUMENT_FRAGMENT_NODE].includes(node.nodeType)) return "";
    if (node.nodeName === "STYLE" || node.nodeName === "SCRIPT") return "";
    if (node instanceof Element && getComputedStyle(node).display === "none") return "";
    const inside = [...(node.shadowRoot?.childNodes ?? []), ...node.childNodes];
    return inside.map(read).join(" ");
  };
  return read(document.body);
})()"""
BOX = "document.querySelector('.closer')"


def until(browser, expression, seconds=30):
    """Wait until a JavaScript expression is true; its value."""
    deadline = time.monotonic() + seconds
    while not (value := browser.evaluate(expression)):
        assert time.monotonic() < deadline, f"never came: {expression}"
        time.sleep(0.05)
    return value


def look_closer(browser):
    """Press the button; wait until the figure is drawn."""
    browser.evaluate("document.querySelector('.closer-open').click()")
    state = until(browser, f"['drawn', 'failed'].find((state) => state === {BOX}.dataset.state)")
    assert state == "drawn", browser.evaluate(f"{BOX}.textContent")
    until(browser, f"!!{BOX}.closer")


def point_at(browser, x, y):
    """Move the mouse to a place of the plot, given in its own units, in steps as a hand does."""
    place = browser.evaluate(
        f"""(() => {{
          const frame = {BOX}.closer.view.frame;
          const paper = document.querySelector('.closer-plot');
          paper.scrollIntoView({{block: 'center', behavior: 'instant'}});
          const at = paper.getBoundingClientRect();
          return [at.left + frame.x_scale.compute({x}), at.top + frame.y_scale.compute({y})];
        }})()"""
    )
    for away in (6, 3, 0):
        where = {"x": place[0] - away, "y": place[1] - away}
        browser.send("Input.dispatchMouseEvent", type="mouseMoved", **where)


def press(browser, key):
    """One key, down and up."""
    code = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": KEYS[key]}
    text = {"Enter": {"text": "\r"}, " ": {"text": " "}}.get(key, {})
    browser.send("Input.dispatchKeyEvent", type="keyDown", **code, **text)
    browser.send("Input.dispatchKeyEvent", type="keyUp", **code)


def type_into(browser, selector, text):
    """Put the focus somewhere and type."""
    browser.evaluate(f"document.querySelector({selector!r}).focus()")
    browser.send("Input.insertText", text=text)


def choose(browser, label, value):
    """Choose `value` in the list that has the label."""
    browser.evaluate(
        f"""(() => {{
          const label = [...document.querySelectorAll('.closer label')]
            .find((one) => one.textContent === {label!r});
          label.control.value = {value!r};
          label.control.dispatchEvent(new Event('change'));
        }})()"""
    )


def problems(browser):
    """Errors of scripts, of the console and of loading since the page was opened."""
    browser.evaluate("1")
    met = {"Runtime.exceptionThrown", "Network.loadingFailed"}
    return [
        event
        for event in browser.events
        if event["method"] in met
        or (event["method"] == "Log.entryAdded" and event["params"]["entry"]["level"] == "error")
        or (event["method"] == "Runtime.consoleAPICalled" and event["params"]["type"] == "error")
    ]
