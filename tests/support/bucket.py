"""A bucket that speaks S3, served on this machine."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.support.ports import free_port


class Quiet(WSGIRequestHandler):
    """Writes no access log."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write nothing."""


@contextmanager
def served_bucket(port: int | None = None) -> Iterator[str]:
    """Serve a bucket; gives the setting that leads to it. What it holds stays in this process when it goes away."""
    port = port or free_port()
    served = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", port, served, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    endpoint = f"http://127.0.0.1:{port}"
    keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=endpoint, **keys).create_bucket(Bucket="lessons")
    try:
        yield f"s3://key:secret@lessons/district?endpoint={endpoint}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
