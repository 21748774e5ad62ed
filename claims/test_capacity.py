"""Section 1: what linear networks can express."""

import numpy as np

from evidence import REFUTED, claim
from models.lp.capacity import eckart_young, fitted_residual

NOTHING_LEFT = 1e-9
"""A least-squares fit that leaves this share of a matrix or less expresses it."""


@claim(
    "capacity",
    "Section 1",
    position=120,
    family="theory",
    origin="reading",
    expect=REFUTED,
    refuted_in=("for given widths*",),
    because="for a network of given widths, a hidden layer narrower than both input and output keeps a matrix of full rank out "
    "of reach",
    finding="Every product of matrices is one linear map, but not every linear map is such a product: the reason given "
    "shows one inclusion only, that depth adds no capacity. That is all the report's argument needs, and for the "
    "scalar that it studies the capacity is the same. Over all widths together the sentence holds too; for given "
    "widths, depth leaves the capacity as it is exactly where every hidden layer is at least as wide as the smaller "
    "of input and output, as in the report's own problem with one output; below that, the best fit leaves the "
    "singular values beyond the narrowest width (Eckart and Young 1936).",
    holds="Networks whose hidden layers are all at least as wide as the smaller of input and output; the report's own "
    "problem is one.",
    rewording="Depth does not affect the model capacity of linear networks whose hidden layers are no narrower than their "
    "input or no narrower than their output.",
)
def test_capacity(judge, budget):
    """The benefit of studying the effect of depth in Linear Neural Nets is that depth does not affect model capacity. Indeed every Linear Neural Net of depth d can be viewed as a single linear mapping acting on a vector.

    Scope: linear networks as in definition 1.1, which says nothing of hidden widths; 2 to 4 layers, 3 to 6 inputs and outputs.

    Each seed draws a matrix of full rank and a network's widths, and fits the matrix by the product of random factors with
    alternating least squares. If depth does not affect capacity, nothing of the matrix is left, as with one layer. The
    narrowest hidden layer has min(in, out) units in one part; one fewer in the part that reads the sentence of a network of
    given widths; and there what is left is compared with the theorem of Eckart and Young. These are identities without noise: the largest
    share of the matrix that is left, or deviation from the theorem, is compared with a tolerance. Planted violations: still
    narrower layers.
    """
    seeds = budget.seeds(smoke=10, standard=50, paper=500)
    narrow, wide = fitted_residual(seeds, surplus=-1), fitted_residual(seeds, surplus=0)
    narrow_again, wide_again = (fitted_residual(seeds[::-1], surplus=surplus)[::-1] for surplus in (-1, 0))
    narrower = fitted_residual(seeds, surplus=-2)
    predicted = eckart_young(seeds, surplus=-1)
    judge.exact(
        "for given widths, one hidden layer too narrow",
        narrow,
        seeds,
        again=narrow_again,
        estimand="share of the matrix that the best product leaves, narrowest hidden layer one below min(in, out)",
        tolerance=NOTHING_LEFT,
        planted=narrower,
    )
    judge.exact(
        "hidden layers wide enough",
        wide,
        seeds,
        again=wide_again,
        estimand="share of the matrix that the best product leaves, narrowest hidden layer min(in, out) wide",
        tolerance=NOTHING_LEFT,
        planted=narrow,
    )
    judge.exact(
        "what a narrow layer leaves",
        np.abs(narrow - predicted),
        seeds,
        again=np.abs(narrow_again - predicted),
        estimand="difference between the share left and the share of the singular values beyond the narrowest width",
        tolerance=NOTHING_LEFT,
        planted=np.abs(narrower - predicted),
    )
