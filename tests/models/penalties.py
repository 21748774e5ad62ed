"""The penalty as one would write it down, beside the trainer, which only adds its gradient."""

import torch


def sum_of_powers(network, matrices, power=2):
    """Return each member's sum of |w|^power over matrices, end to end or factors, and the dense biases, (members,)."""
    stacks = [*matrices, *network.biases()]
    return torch.stack([(stack.abs() ** power).flatten(start_dim=1).sum(dim=1) for stack in stacks]).sum(dim=0)
