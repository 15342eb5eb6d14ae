"""What two traces say of the same faces, side by side, in numbers exact enough for a loss.

Legend: B faces, C and K channels, D embedding size, H x W places.
"""

from jaxtyping import Float
from torch import Tensor

from foveate.distill.exact import exact
from foveate.distill.trace import Trace
from foveate.errors import RecipeError


def paired_features(
    student: Trace, teacher: Trace, glob: str
) -> list[tuple[Float[Tensor, "B C H W"], Float[Tensor, "B K H W"]]]:
    """The student's and the teacher's features after each module of a glob.

    Raises:
        RecipeError: they are no maps, or have other sides, so that places do not correspond.
    """
    pairs = list(zip(student.caught[glob], teacher.caught[glob], strict=True))
    for ours, theirs in pairs:
        if ours.output.ndim != 4:
            raise RecipeError(
                f"{ours.name} answers with {tuple(ours.output.shape)}, which is no map over places",
                remedy="Choose a method that compares embeddings or logits (kd, rkd, fkd).",
            )
        if ours.output.shape[2:] != theirs.output.shape[2:]:
            raise RecipeError(
                f"the student's {ours.name} has {_sides(ours.output)} places, the teacher's {_sides(theirs.output)}",
                remedy="Give both networks the same size of images and the same strides.",
            )
    return [(exact(ours.output), exact(theirs.output)) for ours, theirs in pairs]


def paired_embeddings(student: Trace, teacher: Trace) -> tuple[Float[Tensor, "B D"], Float[Tensor, "B D"]]:
    """The two embeddings of each face.

    Raises:
        RecipeError: they have other sizes.
    """
    ours, theirs = student.embedding, teacher.embedding
    if ours.shape != theirs.shape:
        raise RecipeError(
            f"the student's embeddings have {ours.shape[1]} numbers, the teacher's {theirs.shape[1]}",
            remedy="Give both networks the same --embedding, or compare relations (recipe rkd).",
        )
    return exact(ours), exact(theirs)


def _sides(features: Tensor) -> str:
    return " x ".join(map(str, features.shape[2:]))
