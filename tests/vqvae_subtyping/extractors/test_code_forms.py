"""The table of VQ-VAEs says of each what the trained one is."""

from dataclasses import replace

from helpers.vqvae_subtyping.argument_groups import Codebook
from helpers.vqvae_subtyping.extractors.code_forms import code_forms


def test_forms_are_those_of_the_trained_models(extractions, extractor_settings):
    forms = code_forms(extractor_settings)
    assert set(forms.index) == set(extractor_settings.codebooks)
    for extractor, form in forms.iterrows():
        quantizer = extractions.trained[extractor, 3].model.quantizer
        shape = form[["codes a sample", "codes in a codebook", "dimensions of a code"]]
        assert tuple(shape) == tuple(quantizer.codebook.shape)
    assert forms["bits a sample"].to_dict() == {"vqvae_single": 3, "vqvae": 16, "vqvae_vector": 5}


def test_codes_of_one_dimension_are_called_scalar_quantisation(extractor_settings):
    assert code_forms(extractor_settings)["what follows"]["vqvae"].startswith("scalar quantisation")
    books = {**extractor_settings.codebooks, "vqvae": Codebook(4, 2, 0.95)}
    wider = code_forms(replace(extractor_settings, codebooks=books))
    assert "scalar" not in " ".join(wider["what follows"])
