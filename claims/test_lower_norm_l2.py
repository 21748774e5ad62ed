"""Conjecture 3.1 (1) under a penalty on |w|^2."""

from claims.lower_norms import judge_norms
from evidence import claim
from training import PUBLISHED


@claim(
    "lower-norm-l2",
    "Conjecture 3.1 (1)",
    position=462,
    family="network",
    finding="The norm ends 17 % lower, of which 7 % are there at the start, since a product of drawn factors has a smaller norm than a "
    "drawn matrix in LeNet-5; training adds 11 %. The late cross-entropy is even 13 % lower at this length of training; with half "
    "as much and less it is higher (claim init-multiverse).",
)
def test_lower_norm_l2(train, judge, budget):
    """Adding depth to non-linear networks finds lower-norm solutions under ℓ_p regularization while not compromising the loss without the regularization term [p = 2].

    Scope: p = 2; at equal steps and at equal cross-entropy, in finite time: both networks have the same objective, and so the same
    global minima; one step size for both arms.

    The protocol is the published one, and the runs are those of claim total-loss-accelerated. The penalty is
    λ/2 Σ|w|^2 over the dense matrices, end to end, and dense biases. λ is such that the penalty's gradient on the plain network's
    matrices as they are drawn is as large as that of the tutorial's L2 penalty. Each seed gives the logarithm of the ratio of the
    arms' norms (Σ|w|^2)^(1/2) at the last step, and when each arm's cross-entropy first is the lowest
    that both reach; below zero, the over-parameterised network's norm is lower. "Not compromising" is judged as the
    late cross-entropy (last 20 % of the steps) being higher by less than a tenth of a decade.
    """
    judge_norms(judge, train, budget(**PUBLISHED), budget.seeds(smoke=3, standard=32, paper=20), power=2)
