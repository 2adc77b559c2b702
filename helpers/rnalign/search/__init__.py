"""How settings are chosen: on donors that are neither trained on nor scored in the end.

- `donors`: who is trained on, who chooses, who is scored
- `candidates`: the methods with settings of their choice
- `residual`: what a model does not explain of a sample, given back to it
- `spread`: what it decodes, made to vary as much as what it was given
- `trial`: one candidate's scores
- `rules`: which draw a rule chooses, and how well that goes
- `finalists`: methods with the settings that a search chose
- `ideas`: what might make RNAlign better, one at a time, and what was chosen of it
- `sentences`: what the published searches say
- `final`: a finalist on the donors of the final score
"""
