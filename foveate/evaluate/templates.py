"""One template for each person of a gallery: the mean of all embeddings of unit length.

As F-SKD's evaluation on QMUL-SurvFace makes them (Shin et al., released code).

Legend: G gallery faces, T templates, D embedding size.
"""

import numpy as np
from jaxtyping import Float, Float64, Int64

from foveate.data.identification_set import DISTRACTOR


def templates(
    embeddings: Float[np.ndarray, "G D"], labels: Int64[np.ndarray, " G"]
) -> tuple[Float64[np.ndarray, "T D"], Int64[np.ndarray, " T"]]:
    """Average the faces of each person; each distractor stays alone.

    Args:
        embeddings: of the gallery, of any length; a vector of zeros adds nothing.
        labels: whom each shows.

    Returns:
        The templates, at most 1 long, and whom each stands for.
    """
    lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
    unit = embeddings.astype(np.float64) / np.where(lengths == 0, 1, lengths)
    known = labels != DISTRACTOR
    people, number, count = np.unique(labels[known], return_inverse=True, return_counts=True)
    sums = np.zeros((len(people), embeddings.shape[1]))
    np.add.at(sums, number, unit[known])
    return np.concatenate([sums / count[:, None], unit[~known]]), np.concatenate([people, labels[~known]])
