"""Pictures: data and an axes in, the axes out; nothing is fitted, shown or saved here.

palette      one colour per cancer type across the book, and the common style
calibration  reliability diagram
confusion    confusion matrix
embedding    a two-dimensional embedding by cancer type or by batch
enrichment   NES of dimensions × sets, the named hallmark tasks
history      loss terms per epoch
scores       scores by representation, precision and recall by class
stability    matched |r| per dimension beside its control
survival     held-out concordance per cancer type
"""
