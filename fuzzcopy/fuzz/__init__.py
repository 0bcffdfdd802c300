"""Driving the search: campaigns, and the reduction of what they find. Uses Hypothesis."""

from fuzzcopy.fuzz.campaign import Campaign as Campaign
from fuzzcopy.fuzz.claim import Claim as Claim
from fuzzcopy.fuzz.confirm import Confirmation as Confirmation
from fuzzcopy.fuzz.confirm import confirm as confirm
from fuzzcopy.fuzz.corpus import Corpus as Corpus
from fuzzcopy.fuzz.derive import Derived as Derived
from fuzzcopy.fuzz.derive import derive as derive
from fuzzcopy.fuzz.draw import draw_programs as draw_programs
from fuzzcopy.fuzz.fuzzer import Fuzzer as Fuzzer
from fuzzcopy.fuzz.predictions import Predictions as Predictions
from fuzzcopy.fuzz.reduce import reduce as reduce
from fuzzcopy.fuzz.search import Search as Search
