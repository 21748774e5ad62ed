"""l_p regression on the report's toy problem (section 2, appendix A), linear networks that solve it, and their closed forms."""

from models.lp.network import PLAIN, SCALAR_DEPTH, Factors, LinearNetwork, end_to_end, end_to_end_matrix
from models.lp.problem import ConditionedRegression, LpRegression, MatrixRegression, Problem, ZeroTarget, phi
from models.lp.starts import AlongDescent, AtZero, Balanced, BesideTarget, Intervention, NearZero, ProductOf, Start
from models.lp.step_size import ConstantStepSize, StepSize, StepSizeRule
from models.lp.theory import plateau, rate_exponent

__all__ = [
    "PLAIN",
    "SCALAR_DEPTH",
    "AlongDescent",
    "AtZero",
    "Balanced",
    "BesideTarget",
    "ConditionedRegression",
    "ConstantStepSize",
    "Factors",
    "Intervention",
    "LinearNetwork",
    "LpRegression",
    "MatrixRegression",
    "NearZero",
    "Problem",
    "ProductOf",
    "Start",
    "StepSize",
    "StepSizeRule",
    "ZeroTarget",
    "end_to_end",
    "end_to_end_matrix",
    "phi",
    "plateau",
    "rate_exponent",
]
