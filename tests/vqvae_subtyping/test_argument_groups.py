"""The settings of an extractor: a start at PCA is trained at a tenth of the rate, and no other."""


def test_the_start_decides_the_pace(extractor_settings):
    assert extractor_settings.paced_training == extractor_settings.training
    at_pca = extractor_settings.starting(True)
    assert at_pca.paced_training.learning_rate == 3e-3 / 10
    assert at_pca.training == extractor_settings.training
    assert at_pca.starting(False) == extractor_settings
