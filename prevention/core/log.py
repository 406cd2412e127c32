"""Structured logs: one JSON object a line, on standard error. Events, not prose; never names, codes or answers."""

import logging
import sys

import structlog


def set_up(*, level: str) -> None:
    """Send the application's and the libraries' lines through one JSON renderer."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    for old in [handler for handler in root.handlers if getattr(handler, "is_ours", False)]:
        root.removeHandler(old)
    handler.is_ours = True  # type: ignore[attr-defined]  # to find it again when set up twice
    root.addHandler(handler)
    root.setLevel(level)
    for noisy in ("fontTools", "weasyprint", "pikepdf", "apscheduler.executors", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # A turn that is left out because the one before still runs is meant so: each job runs once at a time.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
