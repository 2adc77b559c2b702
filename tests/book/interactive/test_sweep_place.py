import json

from helpers.book.interactive.placing import FOLDER
from helpers.book.interactive.sweep_place import with_closer_sweep
from helpers.book.sweep_results import read_results
from tests.conftest import ROOT as PROJECT
