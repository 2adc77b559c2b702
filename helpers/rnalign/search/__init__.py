"""How settings are chosen: on donors that are neither trained on nor scored in the end.

- `donors`: who is trained on, who chooses, who is scored
- `candidates`: the methods with settings of their choice
- `residual`: what a model does not explain of a sample, given back to it
- `trial`: one candidate's scores
- `rules`: which draw a rule chooses, and how well that goes
- `finalists`: methods with the settings that a search chose
- `sentences`: what the published searches say
- `final`: a finalist on the donors of the final score
"""
