"""BatchNorm whose statistics are those of all ranks."""

from torch import nn


def synchronised(network: nn.Module) -> nn.Module:
    """The same network, changed in place, with every BatchNorm inside it synchronised over the ranks (on CUDA).

    PyTorch's own conversion takes timm's layers for plain BatchNorm and loses the activation that they hold; timm's
    does not, and treats all others alike.
    """
    if any(type(module).__module__.startswith("timm.") for module in network.modules()):
        from timm.layers.norm_act import convert_sync_batchnorm

        return convert_sync_batchnorm(network)
    return nn.SyncBatchNorm.convert_sync_batchnorm(network)
