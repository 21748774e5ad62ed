"""The loops of `models.convolution`, compiled for the CPU: a convolution with 2x2 max-pooling and ReLU, and its gradients.

Forward, a vector holds one number of each of sixteen samples. The four sums of a pooled cell stay in registers, for several
output channels at once, so that every number loaded is used several times. How many depends on the processor (`Registers`): what
does not fit is stored and loaded again at every tap. Which sums are held together changes no number.

Backward, a pooled number hands its gradient to one of its four sums, or to none where the ReLU cut it. So the gradients that are
left are listed, channel by channel, and each is multiplied with the patch of inputs of its sum: about an eighth of the
multiplications. There a vector holds neighbouring numbers of one sample.

Compilers do not keep arrays in registers, so the innermost loops are put down as LLVM vector instructions. numba keeps what it
compiled in files until this one changes: everything that a loop is made of has to stay in here.
"""

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any, NamedTuple, TypeAlias

import numba
import numpy as np
from llvmlite import ir
from numba.core import codegen, types
from numba.extending import intrinsic

__all__ = ["LANES", "WORDS", "Patch", "Registers", "Shape", "backward_loop", "forward_loop"]

Values: TypeAlias = list[Any]
LANES = 16
WORDS = 4
"""Words of sixteen bits remembered for a vector of pooled numbers: the outcomes of the comparisons in `_pool`."""
NOWHERE = 4
"""Marks a pooled number that hands its gradient to none of its four sums."""
TURNS = 2
"""Samples taken in turn: patches of one sample overlap, and numbers just stored are slow to read at another offset."""
F32, I1, I16, I32, I64 = ir.FloatType(), ir.IntType(1), ir.IntType(16), ir.IntType(32), ir.IntType(64)
SAMPLES, PLACES, MASK = (ir.VectorType(kind, LANES) for kind in (F32, I32, I1))
compiled: Callable[[Any], Any] = numba.njit(nogil=True, cache=True, error_model="numpy")
emitted: Callable[[Any], Callable[..., Any]] = intrinsic
"""A function of types that generates instructions."""
shaped: Callable[[Any], Callable[..., Any]] = intrinsic(prefer_literal=True)
"""The same, told the numbers that are known when the loop is compiled."""


class Shape(NamedTuple):
    """Sizes of maps (members, samples, height, width, channels), their padding, the kernel, and the pooled maps."""

    members: int
    samples: int
    height: int
    width: int
    channels: int
    padding: int
    size: int
    rows: int
    columns: int
    outputs: int

    @classmethod
    def of(cls, maps: tuple[int, ...], weight: tuple[int, ...], padding: int) -> "Shape":
        """Return the sizes for maps and weight (members, outputs, channels, size, size).

        >>> Shape.of((4, 64, 28, 28, 1), (4, 6, 1, 5, 5), 2)[-3:]
        (14, 14, 6)
        """
        rows, columns = ((side + 2 * padding - weight[3] + 1) // 2 for side in maps[2:4])
        members, samples, height, width, channels = maps
        return cls(members, samples, height, width, channels, padding, weight[3], rows, columns, weight[1])


class Registers(NamedTuple):
    """The vector registers of a processor: how many numbers of 32 bits one holds, how many there are, and whether it compresses.

    To compress is to store marked numbers of a vector side by side in one instruction.
    """

    width: int
    available: int
    compress: bool

    @classmethod
    def of(cls, features: str) -> "Registers":
        """Return those of a processor with these features, as LLVM writes them.

        Without AVX-512 they are taken to be AVX2's; the 32 half as wide ones of NEON hold as much.

        >>> Registers.of("+avx2,+avx512f"), Registers.of("+avx2,-avx512f")
        (Registers(width=16, available=32, compress=True), Registers(width=8, available=16, compress=False))
        """
        return cls(16, 32, True) if "+avx512f" in features.split(",") else cls(8, 16, False)

    def outputs(self, number: int) -> int:
        """Return how many of so many output channels are summed at once, which divides their number.

        Held are four sums for each, four inputs and a factor.

        >>> Registers(16, 32, True).outputs(6), Registers(8, 16, False).outputs(6)
        (6, 2)
        """
        return next(block for block in range((self.available - 5) // 4, 0, -1) if number % block == 0)

    def at_once(self) -> int:
        """Return how many vectors of a patch are held together.

        >>> Registers(16, 32, True).at_once(), Registers(8, 16, False).at_once()
        (20, 10)
        """
        return self.available * 5 // 8


HERE = Registers.of(codegen.get_host_cpu_features())
"""Those of this processor; numba keeps compiled loops by the processor's features, too."""


class Patch:
    """The inputs of one sum: `size` runs of neighbouring numbers, read as whole vectors, beyond the end of a run.

    >>> wide = Registers(16, 32, True)
    >>> Patch(5, 6, wide).starts, Patch(5, 6, wide).width, Patch(5, 1, wide).starts, Patch(5, 1, wide).width
    ((0, 16), 16, (0,), 8)
    """

    def __init__(self, size: int, channels: int, registers: Registers | None = None) -> None:
        registers = registers or HERE
        self.size, self.run, self.at_once = size, size * channels, registers.at_once()
        self.width = registers.width if self.run > registers.width // 2 else max(8, registers.width // 2)
        self.starts = tuple(range(0, self.run, self.width))
        self.padded_run = len(self.starts) * self.width
        self.numbers = size * self.padded_run

    def groups(self) -> list[list[tuple[int, int]]]:
        """Return (row, start) of all vectors, in groups that fit the registers."""
        vectors = [(row, start) for row in range(self.size) for start in self.starts]
        return [vectors[first : first + self.at_once] for first in range(0, len(vectors), self.at_once)]


# ---- loops -----------------------------------------------------------------------------------------------------


@cache
def forward_loop(outputs: int) -> Any:
    """Return forward(shape, maps, weight, bias, pooled, chosen) for so many output channels, which fills the last two.

    The samples are a multiple of `LANES`. Arrays are flat but for weight (members, outputs, channels, size, size); chosen has
    `WORDS` for every vector of pooled numbers.
    """
    return _forward_loop(HERE.outputs(outputs))


@cache
def _forward_loop(block: int) -> Any:
    """Return the loop that sums `block` output channels at once."""

    @compiled
    def forward(shape: Any, maps: Any, weight: Any, bias: Any, pooled: Any, chosen: Any) -> None:
        size, outputs, column = shape.size, shape.outputs, shape.channels * LANES
        run, row, cells = size * shape.channels, _row(shape) * LANES, shape.rows * shape.columns * outputs
        lanes, packed, sums = _room(_padded(shape) * LANES), _room(outputs * size * run), _room(cells * LANES)
        lanes[:] = 0
        for member in range(shape.members):
            _pack_in_blocks(weight[member], block, packed)
            for start in range(member * shape.samples, (member + 1) * shape.samples, LANES):
                _pad_in_lanes(shape, maps, start, lanes)
                for i in range(shape.rows):
                    for j in range(shape.columns):
                        for out in range(0, outputs, block):
                            at, w, b = 2 * (i * row + j * column), out * size * run, member * outputs + out
                            cell = (i * shape.columns + j) * outputs + out
                            p, c = cell * LANES, (start // LANES * cells + cell) * WORDS
                            _window(block, size, run, lanes, at, row, column, packed, w, bias, b, sums, p, chosen, c)
                _from_lanes(sums, pooled, start * cells, cells)

    return forward


@cache
def backward_loop(size: int, channels: int) -> Any:
    """Return backward(shape, maps, weight, chosen, slope, wanted, weight_slope, bias_slope, target), which fills the last three.

    `slope` is the gradient of `pooled`, `target` that of the maps, computed only where it is `wanted`. Arrays are as in
    `forward_loop`, and bias_slope is (members, outputs).
    """
    numbers = Patch(size, channels).numbers

    @compiled
    def backward(
        shape: Any, maps: Any, weight: Any, chosen: Any, slope: Any, wanted: bool, weight_slope: Any, bias_slope: Any, target: Any
    ) -> None:
        outputs, row, sample, listed = shape.outputs, _row(shape), _padded(shape) + LANES, shape.columns * LANES
        cells, corners = shape.rows * shape.columns * outputs, _corners(shape)
        lanes, codes = _room(cells * LANES), _room((cells + 1) * LANES)
        values, places, counts = _room(outputs * listed), _room(outputs * listed).view(np.int32), np.zeros(outputs, np.int64)
        near, near_slope, shifts = _room(LANES * sample), _room(TURNS * sample), _room(outputs * LANES)
        packed, sums = _room(outputs * numbers), _room(outputs * numbers)
        near[:] = 0
        for member in range(shape.members):
            sums[:] = 0
            shifts[:] = 0
            _pack_in_rows(weight[member], numbers // size, packed)
            for start in range(member * shape.samples, (member + 1) * shape.samples, LANES):
                for lane in range(LANES):
                    _pad(shape, maps, start + lane, near, lane * sample)
                _to_lanes(slope, start * cells, cells, lanes, 0, cells)
                for i in range(shape.rows):
                    _list_row(shape, i, start, lanes, chosen, shifts, values, places, counts)
                    for out in range(outputs):
                        first, to = out * listed, out * numbers
                        _add_patches(size, channels, values, places, first, counts[out], near, row, sums, to)
                if wanted:
                    _from_lanes(lanes, codes, 0, cells)
                    for lane in range(0, LANES, TURNS):
                        near_slope[:] = 0
                        for cell in range(len(corners)):
                            for corner in range(4):
                                for turn in range(TURNS):
                                    c, to = (lane + turn) * cells + cell * outputs, turn * sample + corners[cell, corner]
                                    s = start * cells + c
                                    _spread(size, channels, corner, codes, c, slope, s, outputs, near_slope, to, row, packed)
                        for turn in range(TURNS):
                            _crop(shape, near_slope, turn * sample, target, start + lane + turn)
            _unpack(sums, numbers // size, weight_slope[member])
            _add_up(shifts, bias_slope[member])

    return backward


# ---- parts of loops ----------------------------------------------------------------------------------------------


@compiled
def _room(size: int) -> Any:
    """Return room for intermediate numbers that begins at a cache line, as vectors should."""
    whole = np.empty(size + LANES, np.float32)
    first = -(whole.ctypes.data // 4) % LANES
    return whole[first : first + size]


@compiled
def _row(shape: Any) -> int:
    """Return how many numbers a row has with padding."""
    return (shape.width + 2 * shape.padding) * shape.channels


@compiled
def _padded(shape: Any) -> int:
    """Return how many numbers a sample has with padding."""
    return (shape.height + 2 * shape.padding) * _row(shape)


@compiled
def _inside(shape: Any, i: int) -> int:
    """Return where row i of a sample begins in the padded one."""
    return (i + shape.padding) * _row(shape) + shape.padding * shape.channels


@compiled
def _corners(shape: Any) -> Any:
    """Return where the patch of each sum begins, (rows * columns, 4)."""
    row, corners = _row(shape), np.empty((shape.rows * shape.columns, 4), np.int64)
    for i in range(shape.rows):
        for j in range(shape.columns):
            for down in range(2):
                for right in range(2):
                    at = (2 * i + down) * row + (2 * j + right) * shape.channels
                    corners[i * shape.columns + j, 2 * down + right] = at
    return corners


@compiled
def _pad_in_lanes(shape: Any, maps: Any, start: int, lanes: Any) -> None:
    """Copy sixteen samples into the middle of their padded vectors."""
    length, apart = shape.width * shape.channels, shape.height * shape.width * shape.channels
    for i in range(shape.height):
        _to_lanes(maps, start * apart + i * length, apart, lanes, _inside(shape, i) * LANES, length)


@compiled
def _pad(shape: Any, maps: Any, sample: int, near: Any, at: int) -> None:
    """Copy a sample into the middle of a padded one."""
    length = shape.width * shape.channels
    for i in range(shape.height):
        _copy(maps, (sample * shape.height + i) * length, near, at + _inside(shape, i), length)


@compiled
def _crop(shape: Any, near: Any, at: int, maps: Any, sample: int) -> None:
    """Copy the middle of a padded sample."""
    length = shape.width * shape.channels
    for i in range(shape.height):
        _copy(near, at + _inside(shape, i), maps, (sample * shape.height + i) * length, length)


@compiled
def _pack_in_blocks(weight: Any, block: int, packed: Any) -> None:
    """Lay out the weights of a member as the sums read them: blocks of outputs, in each the taps, for each the outputs."""
    outputs, channels, size, _ = weight.shape
    for out in range(outputs):
        first = out // block * block * size * size * channels + out % block
        for i in range(size):
            for j in range(size):
                for c in range(channels):
                    packed[first + ((i * size + j) * channels + c) * block] = weight[out, c, i, j]


@compiled
def _pack_in_rows(weight: Any, run: int, packed: Any) -> None:
    """Lay out the weights of a member like patches, whose rows have `run` numbers, the last of them zeros."""
    outputs, channels, size, _ = weight.shape
    packed[:] = 0
    for out in range(outputs):
        for i in range(size):
            for j in range(size):
                for c in range(channels):
                    packed[(out * size + i) * run + j * channels + c] = weight[out, c, i, j]


@compiled
def _unpack(packed: Any, run: int, weight: Any) -> None:
    """Undo `_pack_in_rows`."""
    outputs, channels, size, _ = weight.shape
    for out in range(outputs):
        for i in range(size):
            for j in range(size):
                for c in range(channels):
                    weight[out, c, i, j] = packed[(out * size + i) * run + j * channels + c]


@compiled
def _add_up(shifts: Any, bias_slope: Any) -> None:
    """Add the numbers of each vector."""
    for out in range(bias_slope.size):
        total = np.float32(0)
        for lane in range(LANES):
            total += shifts[out * LANES + lane]
        bias_slope[out] = total


@compiled
def _list_row(
    shape: Any, i: int, start: int, lanes: Any, chosen: Any, shifts: Any, values: Any, places: Any, counts: Any
) -> None:
    """List the gradients of a row of cells that are not zero, for every output channel."""
    outputs, row, sample, listed = shape.outputs, _row(shape), _padded(shape) + LANES, shape.columns * LANES
    word = start // LANES * shape.rows * shape.columns * outputs
    counts[:] = 0
    for j in range(shape.columns):
        at = 2 * (i * row + j * shape.channels)
        for out in range(outputs):
            cell, s, first, so_far = (i * shape.columns + j) * outputs + out, out * LANES, out * listed, counts[out]
            c = (word + cell) * WORDS
            counts[out] = _collect(
                lanes, cell * LANES, chosen, c, shifts, s, at, row, shape.channels, sample, values, places, first, so_far
            )


@compiled
def _to_lanes(source: Any, first: int, apart: int, lanes: Any, at: int, length: int) -> None:
    """Copy `length` numbers of each of sixteen samples, which lie `apart`, to vectors of sixteen samples."""
    for k in range(0, length - LANES, LANES):
        _transpose(source, first + k, apart, lanes, at + k * LANES, LANES)
    if length >= LANES:
        k = length - LANES
        _transpose(source, first + k, apart, lanes, at + k * LANES, LANES)
    else:
        for k in range(length):
            for lane in range(LANES):
                lanes[at + k * LANES + lane] = source[first + lane * apart + k]


@compiled
def _from_lanes(lanes: Any, target: Any, first: int, length: int) -> None:
    """Copy vectors of sixteen samples to samples that follow one another."""
    for k in range(0, length - LANES, LANES):
        _transpose(lanes, k * LANES, LANES, target, first + k, length)
    if length >= LANES:
        k = length - LANES
        _transpose(lanes, k * LANES, LANES, target, first + k, length)
    else:
        for k in range(length):
            for lane in range(LANES):
                target[first + lane * length + k] = lanes[k * LANES + lane]


@compiled
def _copy(source: Any, first: int, target: Any, at: int, length: int) -> None:
    """Copy `length` neighbouring numbers."""
    for k in range(0, length - LANES, LANES):
        _move(source, first + k, target, at + k)
    if length >= LANES:
        _move(source, first + length - LANES, target, at + length - LANES)
    else:
        for k in range(length):
            target[at + k] = source[first + k]


# ---- vector instructions -----------------------------------------------------------------------------------------


@emitted
def _move(typing_context: Any, source: Any, first: Any, target: Any, at: Any) -> Any:
    """Copy sixteen neighbouring numbers."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        origin, goal = (_data(context, builder, signature, arguments, k) for k in (0, 2))
        _store(builder, _load(builder, origin, arguments[1], SAMPLES), goal, arguments[3])
        return context.get_dummy_value()

    return types.void(source, first, target, at), generate


@emitted
def _transpose(typing_context: Any, source: Any, first: Any, apart: Any, target: Any, at: Any, spaced: Any) -> Any:
    """Copy sixteen vectors, `apart` from each other, as the sixteen vectors that hold one number of each."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        origin, goal = _data(context, builder, signature, arguments, 0), _data(context, builder, signature, arguments, 3)
        _, first, apart, _, at, spaced = arguments
        width = HERE.width
        kind = ir.VectorType(F32, width)
        for down in range(0, LANES, width):
            for right in range(0, LANES, width):
                places = [_along(builder, builder.add(first, _int(right)), apart, down + k) for k in range(width)]
                turned = _turned(builder, [_load(builder, origin, place, kind) for place in places])
                for k, vector in enumerate(turned):
                    _store(builder, vector, goal, _along(builder, builder.add(at, _int(down)), spaced, right + k))
        return context.get_dummy_value()

    return types.void(source, first, apart, target, at, spaced), generate


@shaped
def _window(
    typing_context: Any,
    block: Any,
    size: Any,
    run: Any,
    lanes: Any,
    at: Any,
    row: Any,
    column: Any,
    weight: Any,
    weight_at: Any,
    bias: Any,
    bias_at: Any,
    pooled: Any,
    pooled_at: Any,
    chosen: Any,
    chosen_at: Any,
) -> Any:
    """Compute the pooled numbers of one cell, for `block` output channels and sixteen samples, a register's width at a time."""
    channels, width = block.literal_value, HERE.width
    kind = ir.VectorType(F32, width)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        maps, weights, biases, goal, words = (_data(context, builder, signature, arguments, k) for k in (3, 7, 9, 11, 13))
        _, size, run, _, at, row, column, _, weight_at, _, bias_at, _, goal_at, _, words_at = arguments
        corners = [at, builder.add(at, column), builder.add(at, row), builder.add(builder.add(at, row), column)]
        start = [_splat(builder, _load_one(builder, biases, builder.add(bias_at, _int(c))), width) for c in range(channels)]

        def add_row(i: Any, sums: Values, first: int) -> Values:
            def add_tap(tap: Any, sums: Values) -> Values:
                place = builder.add(builder.mul(i, row), builder.add(builder.mul(tap, _int(LANES)), _int(first)))
                inputs = [_load(builder, maps, builder.add(corner, place), kind) for corner in corners]
                factors = builder.add(weight_at, builder.mul(builder.add(builder.mul(i, run), tap), _int(channels)))
                added = []
                for c in range(channels):
                    factor = _splat(builder, _load_one(builder, weights, builder.add(factors, _int(c))), width)
                    added += [_multiply_add(builder, inputs[k], factor, sums[4 * c + k]) for k in range(4)]
                return added

            return _loop(builder, run, sums, add_tap)

        for first in range(0, LANES, width):
            sums = _loop(builder, size, [each for each in start for _ in range(4)], partial(add_row, first=first))
            for c in range(channels):
                value, outcomes = _pool(builder, sums[4 * c : 4 * c + 4])
                _store(builder, value, goal, builder.add(goal_at, _int(c * LANES + first)))
                for k, outcome in enumerate(outcomes):
                    _store_bits(builder, outcome, words, builder.add(words_at, _int(c * WORDS + k)), first)
        return context.get_dummy_value()

    arguments = (lanes, at, row, column, weight, weight_at, bias, bias_at, pooled, pooled_at, chosen, chosen_at)
    return types.void(block, size, run, *arguments), generate


def _pool(builder: Any, sums: Values) -> tuple[Any, Values]:
    """Return the largest of four or zero, and what was chosen: right above, right below, below, any at all.

    As in torch, the first of equal numbers is taken, and NaN goes through.
    """
    kind = sums[0].type
    zero = ir.Constant(kind, None)
    right = [builder.fcmp_ordered(">", sums[k + 1], sums[k]) for k in (0, 2)]
    upper, lower = (builder.select(mask, sums[k + 1], sums[k]) for mask, k in zip(right, (0, 2), strict=True))
    below = builder.fcmp_ordered(">", lower, upper)
    most = builder.select(below, lower, upper)
    undefined = builder.or_(*(builder.fcmp_unordered("uno", sums[k], sums[k + 1]) for k in (0, 2)))
    kept = builder.or_(builder.fcmp_ordered(">", most, zero), undefined)
    most = builder.select(undefined, ir.Constant(kind, [float("nan")] * kind.count), most)
    return builder.select(kept, most, zero), [*right, below, kept]


@emitted
def _collect(
    typing_context: Any,
    slope: Any,
    at: Any,
    chosen: Any,
    chosen_at: Any,
    shifts: Any,
    shift_at: Any,
    corner: Any,
    row: Any,
    column: Any,
    sample: Any,
    values: Any,
    places: Any,
    list_at: Any,
    count: Any,
) -> Any:
    """Append gradients that are not zero, with the places of their patches, to lists of `count`; return the new count.

    They are added to the shifts, and each gives way to the code of the sum that it goes to: 0 to 3, or `NOWHERE`.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        slopes, words, shifts, values, places = (_data(context, builder, signature, arguments, k) for k in (0, 2, 4, 10, 11))
        _, at, _, chosen_at, _, shift_at, corner, row, column, sample, _, _, list_at, count = arguments
        outcomes = [_load(builder, words, builder.add(chosen_at, _int(k)), I16) for k in range(WORDS)]
        right_above, right_below, below, kept = outcomes
        right = builder.or_(builder.and_(below, right_below), builder.and_(builder.not_(below), right_above))
        value = _load(builder, slopes, at, SAMPLES)
        bits = builder.and_(kept, builder.bitcast(builder.fcmp_unordered("!=", value, ir.Constant(SAMPLES, None)), I16))
        right, below, listed = (_mask(builder, each) for each in (right, below, bits))

        def offset(mask: Any, distance: Any) -> Any:
            return builder.select(mask, distance, ir.Constant(PLACES, None))

        corner, row, column, sample = (_splat(builder, builder.trunc(each, I32)) for each in (corner, row, column, sample))
        place = builder.add(corner, builder.mul(sample, ir.Constant(PLACES, list(range(LANES)))))
        place = builder.add(place, builder.add(offset(below, row), offset(right, column)))
        end = builder.add(list_at, count)
        _append(builder, [(value, values), (place, places)], end, bits)
        code = builder.add(offset(below, _all(2)), offset(right, _all(1)))
        _store(builder, builder.select(listed, code, _all(NOWHERE)), slopes, at)
        shift = builder.select(listed, value, ir.Constant(SAMPLES, None))
        _store(builder, builder.fadd(_load(builder, shifts, shift_at, SAMPLES), shift), shifts, shift_at)
        return builder.add(count, builder.zext(builder.ctpop(bits), I64))

    arguments = (slope, at, chosen, chosen_at, shifts, shift_at, corner, row, column, sample, values, places, list_at, count)
    return types.intp(*arguments), generate


@shaped
def _add_patches(
    typing_context: Any,
    size: Any,
    channels: Any,
    values: Any,
    places: Any,
    first: Any,
    count: Any,
    near: Any,
    row: Any,
    sums: Any,
    at: Any,
) -> Any:
    """Add to the sums the patches at the listed places, times the listed values."""
    patch = Patch(size.literal_value, channels.literal_value)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        values, places, maps, goal = (_data(context, builder, signature, arguments, k) for k in (2, 3, 6, 8))
        _, _, _, _, first, count, _, row, _, at = arguments
        kind = ir.VectorType(F32, patch.width)
        for group in patch.groups():

            def add_one(k: Any, so_far: Values, group: Any = group) -> Values:
                here = builder.add(first, k)
                value = _splat(builder, _load_one(builder, values, here), patch.width)
                place = builder.sext(_load_one(builder, places, here), I64)
                inputs = [_load(builder, maps, _within(builder, place, row, each), kind) for each in group]
                return [_multiply_add(builder, each, value, total) for each, total in zip(inputs, so_far, strict=True)]

            for total in _loop(builder, count, [ir.Constant(kind, None)] * len(group), add_one):
                _store(builder, builder.fadd(total, _load(builder, goal, at, kind)), goal, at)
                at = builder.add(at, _int(patch.width))
        return context.get_dummy_value()

    return types.void(size, channels, values, places, first, count, near, row, sums, at), generate


@shaped
def _spread(
    typing_context: Any,
    size: Any,
    channels: Any,
    corner: Any,
    codes: Any,
    code_at: Any,
    slope: Any,
    slope_at: Any,
    outputs: Any,
    near: Any,
    at: Any,
    row: Any,
    packed: Any,
) -> Any:
    """Add to the patch of one corner of a cell, in one sample, the weights times the gradients that its sums receive."""
    patch = Patch(size.literal_value, channels.literal_value)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        codes, slopes, goal, weights = (_data(context, builder, signature, arguments, k) for k in (3, 5, 8, 11))
        _, _, corner, _, code_at, _, slope_at, outputs, _, at, row, _ = arguments
        kind, wanted = ir.VectorType(F32, patch.width), _splat(builder, builder.trunc(corner, I32))
        blocks = builder.sdiv(builder.add(outputs, _int(LANES - 1)), _int(LANES))
        for number, group in enumerate(patch.groups()):

            def add_block(block: Any, so_far: Values, group: Any = group, number: int = number) -> Values:
                first = builder.mul(block, _int(LANES))
                here = builder.icmp_signed("==", _load(builder, codes, builder.add(code_at, first), PLACES), wanted)
                listed = builder.zext(builder.bitcast(here, I16), I64)
                listed = builder.and_(listed, _lowest(builder, builder.sub(outputs, first)))

                def add_output(output: Any, so_far: Values) -> Values:
                    output = builder.add(first, output)
                    value = _splat(builder, _load_one(builder, slopes, builder.add(slope_at, output)), patch.width)
                    start = builder.add(builder.mul(output, _int(patch.numbers)), _int(number * patch.at_once * patch.width))
                    places = [builder.add(start, _int(k * patch.width)) for k in range(len(group))]
                    factors = [_load(builder, weights, place, kind) for place in places]
                    return [_multiply_add(builder, each, value, total) for each, total in zip(factors, so_far, strict=True)]

                return _loop_over_bits(builder, listed, so_far, add_output)

            places = [_within(builder, at, row, each) for each in group]
            totals = _loop(builder, blocks, [_load(builder, goal, place, kind) for place in places], add_block)
            for place, total in zip(places, totals, strict=True):
                _store(builder, total, goal, place)
        return context.get_dummy_value()

    return types.void(size, channels, corner, codes, code_at, slope, slope_at, outputs, near, at, row, packed), generate


# ---- parts of instructions ---------------------------------------------------------------------------------------


def _int(value: int) -> Any:
    return ir.Constant(I64, value)


def _data(context: Any, builder: Any, signature: Any, arguments: Any, k: int) -> Any:
    """Return where the numbers of the k-th argument, an array, begin."""
    return context.make_array(signature.args[k])(context, builder, arguments[k]).data


def _along(builder: Any, first: Any, apart: Any, k: int) -> Any:
    return builder.add(first, builder.mul(apart, _int(k)))


def _load(builder: Any, data: Any, place: Any, kind: Any) -> Any:
    return builder.load(builder.bitcast(builder.gep(data, [place]), kind.as_pointer()), align=4 if kind != I16 else 2)


def _load_one(builder: Any, data: Any, place: Any) -> Any:
    return builder.load(builder.gep(data, [place]), align=4)


def _store(builder: Any, value: Any, data: Any, place: Any) -> None:
    where = builder.bitcast(builder.gep(data, [place]), value.type.as_pointer())
    builder.store(value, where, align=4 if value.type != I16 else 2)


def _store_bits(builder: Any, mask: Any, words: Any, place: Any, first: int) -> None:
    """Store a mask into a word's bits from `first` on."""
    kind = ir.IntType(mask.type.count)
    where = builder.gep(builder.bitcast(builder.gep(words, [place]), kind.as_pointer()), [_int(first // mask.type.count)])
    builder.store(builder.bitcast(mask, kind), where, align=1)


def _splat(builder: Any, value: Any, width: int = LANES) -> Any:
    """Return a vector of one value."""
    kind = ir.VectorType(value.type, width)
    first = builder.insert_element(ir.Constant(kind, ir.Undefined), value, ir.Constant(I32, 0))
    return builder.shuffle_vector(first, ir.Constant(kind, ir.Undefined), ir.Constant(ir.VectorType(I32, width), None))


def _all(value: int) -> Any:
    """Return a vector of one number of 32 bits."""
    return ir.Constant(PLACES, [value] * LANES)


def _within(builder: Any, place: Any, row: Any, vector: tuple[int, int]) -> Any:
    """Return where a vector of a patch lies, given its row and its start in the row."""
    i, start = vector
    return builder.add(builder.add(place, builder.mul(row, _int(i))), _int(start))


def _lowest(builder: Any, count: Any) -> Any:
    """Return a word with the lowest bits set, sixteen at most."""
    few = builder.icmp_signed("<", count, _int(LANES))
    return builder.select(few, builder.sub(builder.shl(_int(1), count), _int(1)), _int(2**LANES - 1))


def _turned(builder: Any, vectors: Values) -> Values:
    """Transpose a square of as many vectors as each has numbers, exchanging blocks of 1, 2, 4 numbers and so on."""
    width = len(vectors)
    kind, size = ir.VectorType(I32, width), 1
    while size < width:
        first = [lane if lane & size == 0 else width + lane - size for lane in range(width)]
        second = [lane + size if lane & size == 0 else width + lane for lane in range(width)]
        turned = list(vectors)
        for k in (k for k in range(width) if k & size == 0):
            pair = vectors[k], vectors[k + size]
            turned[k], turned[k + size] = (builder.shuffle_vector(*pair, ir.Constant(kind, each)) for each in (first, second))
        vectors, size = turned, 2 * size
    return vectors


def _multiply_add(builder: Any, one: Any, other: Any, added: Any) -> Any:
    width = added.type.count
    return _call(builder, f"llvm.fmuladd.v{width}f32", added.type, [one, other, added])


def _mask(builder: Any, word: Any) -> Any:
    """Return a word's bits as the mask of a vector."""
    if HERE.compress:  # such a processor keeps masks as words; for others LLVM would set a lane at a time
        return builder.bitcast(word, MASK)
    set_bits = builder.and_(_splat(builder, builder.zext(word, I32)), ir.Constant(PLACES, [1 << lane for lane in range(LANES)]))
    return builder.icmp_signed("!=", set_bits, ir.Constant(PLACES, None))


def _append(builder: Any, vectors: Sequence[tuple[Any, Any]], end: Any, bits: Any) -> None:
    """Store the numbers of each vector whose bits are set side by side in its array."""
    if HERE.compress:
        listed = _mask(builder, bits)
        for vector, data in vectors:
            name = f"llvm.masked.compressstore.v{LANES}{'f' if vector.type == SAMPLES else 'i'}32"
            _call(builder, name, ir.VoidType(), [vector, builder.gep(data, [end]), listed])
        return
    # Each number is stored, and the next one over it unless it is listed: no branch to be foretold wrongly.
    bits = builder.zext(bits, I64)
    for lane in range(LANES):
        for vector, data in vectors:
            _store(builder, builder.extract_element(vector, _int(lane)), data, end)
        end = builder.add(end, builder.and_(builder.lshr(bits, _int(lane)), _int(1)))


def _call(builder: Any, name: str, result: Any, values: Values) -> Any:
    module = builder.module
    kind = ir.FunctionType(result, [each.type for each in values])
    return builder.call(module.globals.get(name) or ir.Function(module, kind, name), values)


def _loop(builder: Any, count: Any, values: Values, body: Callable[[Any, Values], Values]) -> Values:
    """Put down a loop that hands values, kept in registers, from one round to the next; return the last ones."""
    before = builder.block
    head, inside, after = (builder.append_basic_block(name) for name in ("head", "inside", "after"))
    builder.branch(head)
    builder.position_at_end(head)
    index, carried = builder.phi(I64), [builder.phi(value.type) for value in values]
    builder.cbranch(builder.icmp_signed("<", index, count), inside, after)
    builder.position_at_end(inside)
    results = body(index, carried)
    following = builder.add(index, _int(1))
    for phi, first, next_value in zip([index, *carried], [_int(0), *values], [following, *results], strict=True):
        phi.add_incoming(first, before)
        phi.add_incoming(next_value, builder.block)
    builder.branch(head)
    builder.position_at_end(after)
    return carried


def _loop_over_bits(builder: Any, bits: Any, values: Values, body: Callable[[Any, Values], Values]) -> Values:
    """Put down a loop over the places of the bits that are set, from the lowest, as `_loop` does."""
    before = builder.block
    head, inside, after = (builder.append_basic_block(name) for name in ("head", "inside", "after"))
    builder.branch(head)
    builder.position_at_end(head)
    left, carried = builder.phi(I64), [builder.phi(value.type) for value in values]
    builder.cbranch(builder.icmp_signed("!=", left, _int(0)), inside, after)
    builder.position_at_end(inside)
    results = body(builder.cttz(left, ir.Constant(ir.IntType(1), 1)), carried)
    remaining = builder.and_(left, builder.sub(left, _int(1)))
    for phi, first, following in zip([left, *carried], [bits, *values], [remaining, *results], strict=True):
        phi.add_incoming(first, before)
        phi.add_incoming(following, builder.block)
    builder.branch(head)
    builder.position_at_end(after)
    return carried
