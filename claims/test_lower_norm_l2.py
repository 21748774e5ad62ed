"""Conjecture 3.1 (1) under a penalty on |w|^2."""

from claims.lower_norms import judge_norms
from evidence import claim
from training import VARIED


@claim(
    "lower-norm-l2",
    "Conjecture 3.1 (1)",
    position=462,
    family="network",
    finding="With LeNet-5 on 4,480 digits the norm ends 9 % lower; three quarters of that are there at the start, where a "
    "product of drawn factors has another norm than a drawn matrix, and training adds 3 %. Late in training its "
    "cross-entropy is 11 % higher (n = 16), less than the 26 % that are allowed, and so compromised a little; with "
    "half of the digits the over-parameterised one's is far higher (claim init-multiverse, for p = 2). "
    "Had training ended after half of its steps, it would be 38 % higher, and this part refuted.",
    rewording="Under a penalty on |w|^2, the over-parameterised network ends with the lower norm (three quarters of that are there at the start), and with a "
    "cross-entropy that is about a tenth higher.",
)
def test_lower_norm_l2(train, judge, budget):
    """Adding depth to non-linear networks finds lower-norm solutions under ℓ_p regularization while not compromising the loss without the regularization term [p = 2].

    Scope: p = 2; at equal steps and at equal cross-entropy, in finite time: both networks have the same objective, and so the same
    global minima; one step size for both arms.

    The protocol is the published one (claim total-loss-accelerated), at standard budget on 4,480 digits, with the penalty
    λ/2 Σ|w|^2 over the dense matrices, end to end, and dense biases. λ is such that the penalty's gradient on the plain network's
    matrices as they are drawn is as large as that of the tutorial's L2 penalty. Each seed gives the logarithm of the ratio of the
    arms' norms (Σ|w|^2)^(1/2) at the last step, the same less its value at the start, and when each arm's cross-entropy first is the lowest
    that both reach; below zero, the over-parameterised network's norm is lower. "Not compromising" is judged as the
    late cross-entropy (last 20 % of the steps) being higher by less than a tenth of a decade.
    """
    judge_norms(judge, train, budget(**VARIED), budget.seeds(smoke=3, standard=16, paper=20), power=2)
