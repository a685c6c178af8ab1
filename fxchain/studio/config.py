"""The configuration of the studio and its socket; without gradio, so that errors are immediate."""

import socket
from dataclasses import dataclass, field
from pathlib import Path

from fxchain.errors import OutputError
from fxchain.studio.limits import Limits


@dataclass(frozen=True)
class StudioConfig:
    """The configuration of the studio.

    Attributes:
        folder: of the jobs
        host: the address it listens on
        port: 0 for any that is free
        limits: of uploads
    """

    folder: Path
    host: str = "127.0.0.1"
    port: int = 7860
    limits: Limits = field(default_factory=Limits)


def bind(config: StudioConfig) -> socket.socket:
    """Return a socket that listens on the studio's address; early connections wait there.

    Raises:
        OutputError: the address cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((config.host, config.port))
        listening.listen()
    except (OSError, OverflowError) as error:
        listening.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise OutputError(
            f"the studio cannot listen on {config.host} port {config.port} ({reason}); "
            "choose another with --port"
        ) from error
    return listening
