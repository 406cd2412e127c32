"""A bucket that speaks S3, served on this machine."""

import threading
import uuid
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
def served_bucket(port: int | None = None, name: str | None = None) -> Iterator[str]:
    """Serve a bucket; gives the setting that leads to it.

    What it holds stays in this process when it goes away: served again under its `name`, it is as it was. Without a
    name it is a new one, empty whatever other tests kept.
    """
    port, name = port or free_port(), name or f"lessons-{uuid.uuid4().hex}"
    served = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", port, served, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
    thread.start()
    endpoint = f"http://127.0.0.1:{port}"
    keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=endpoint, **keys).create_bucket(Bucket=name)
    try:
        yield f"s3://key:secret@{name}/district?endpoint={endpoint}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
