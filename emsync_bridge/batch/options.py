"""Options of a batch, declared once: the command and the engines are made from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from annotated_types import Ge, Le, MaxLen

from emsync_bridge.files.host_slots import MAX_SLOTS
from emsync_bridge.options import CHECKED, DAY


@dataclass(frozen=True)
class BatchOptions:
    """Options of running a list of jobs.

    Arguments:
        workers: Processes side by side on this computer.
        dask: Address of a Dask scheduler whose workers do the work, such as tcp://10.0.0.5:8786.
        memory: GiB that a job needs, as the Dask resource MEMORY of workers; 0 where they declare none.
        decodes: Films that are decoded at once on one computer, over all its jobs; 0 for one per core.
        timeout: Seconds after which a job counts as failed.
    """

    __pydantic_config__: ClassVar[Any] = CHECKED

    workers: Annotated[int, Ge(1), Le(256)] = 1
    dask: Annotated[str, MaxLen(300)] | None = None
    memory: Annotated[float, Ge(0), Le(1024)] = 0.0
    decodes: Annotated[int, Ge(0), Le(MAX_SLOTS)] = 0
    timeout: Annotated[float, Ge(1), Le(7 * DAY)] | None = None
