"""What the API streams: logs as server-sent events, output, archives; and pages of lists."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from uuid import UUID, uuid4

import urllib3

from hatoba.control import builds
from tests.contract.api_platform import Api


class Follower:
    """Reads a stream in a thread until it ends or is closed."""

    def __init__(self, url: str, **headers: str) -> None:
        self._answer = urllib3.PoolManager().request(
            "GET", url, preload_content=False, headers=headers, timeout=30, retries=False
        )
        self.status = self._answer.status
        self.headers = self._answer.headers
        self._got = b""
        self._more = threading.Condition()
        self._ended = False
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            for piece in self._answer.stream(1):
                with self._more:
                    self._got += piece
                    self._more.notify_all()
        except (urllib3.exceptions.HTTPError, AttributeError, ValueError):
            pass
        with self._more:
            self._ended = True
            self._more.notify_all()

    async def until(self, text: bytes) -> bytes:
        """Wait for a text and return all that came so far."""

        def wait() -> bytes:
            with self._more:
                assert self._more.wait_for(lambda: text in self._got or self._ended, timeout=20)
                assert text in self._got
                return self._got

        return await asyncio.to_thread(wait)

    async def end(self) -> bytes:
        """Wait for the end and return everything."""

        def wait() -> bytes:
            with self._more:
                assert self._more.wait_for(lambda: self._ended, timeout=20)
                return self._got

        return await asyncio.to_thread(wait)


async def _follow(url: str, **headers: str) -> Follower:
    return await asyncio.to_thread(lambda: Follower(url, **headers))


async def _session(api: Api, name: str, body: object) -> str:
    made = await api("POST", f"/apps/{name}/log-sessions", body)
    assert made.status == 201
    return str(made.json["logplex_url"]).replace("localhost", "127.0.0.1")


async def test_log_session_ends_after_its_backlog(api: Api) -> None:
    name = await api.app()
    app_id = UUID((await api("GET", f"/apps/{name}")).json["id"])
    logs = api.platform.logs
    for number in range(5):
        logs.platform(app_id, "web.1", f"line {number}")
    logs.platform(app_id, "worker.1", "other")
    url = await _session(api, name, {"lines": 2, "dyno": "web"})
    follower = await _follow(url, Accept="text/event-stream")
    assert follower.status == 200
    assert follower.headers["content-type"].startswith("text/event-stream")
    text = (await follower.end()).decode()
    shown = [x for x in text.splitlines() if x.startswith("data: ")]
    assert [x.partition(" heroku[web.1]: ")[2] for x in shown] == ["line 3", "line 4"]
    assert text.count("id: ") == 2
    plain = await _follow(url)
    assert plain.headers["content-type"].startswith("text/plain")
    lines = (await plain.end()).decode().splitlines()
    assert [x.partition(" heroku[web.1]: ")[2] for x in lines] == ["line 3", "line 4"]
    none = await _follow(await _session(api, name, {"dyno": "clock"}))
    assert await none.end() == b""


async def test_log_tail_goes_on_where_it_was_cut_off(api: Api) -> None:
    name = await api.app()
    app_id = UUID((await api("GET", f"/apps/{name}")).json["id"])
    logs = api.platform.logs
    url = await _session(api, name, {"tail": True, "lines": 10})
    follower = await _follow(url, Accept="text/event-stream")
    logs.platform(app_id, "web.1", "before")
    text = await follower.until(b"before")
    last = text.decode().split("id: ")[-1].split("\n")[0]
    logs.platform(app_id, "web.1", "between")
    again = await _follow(url, **{"Last-Event-ID": last, "Accept": "text/event-stream"})
    logs.platform(app_id, "web.1", "after")
    resumed = (await again.until(b"after")).decode()
    shown = [x for x in resumed.splitlines() if x.startswith("data: ")]
    assert [x.partition(" heroku[web.1]: ")[2] for x in shown] == ["between", "after"]


async def test_log_session_needs_its_signature(api: Api) -> None:
    name = await api.app()
    url = await _session(api, name, {})
    assert (await api("GET", url.replace("lines=100", "lines=1500"))).status == 403
    assert (await api("GET", url.partition("?")[0])).status == 403
    assert (await api("POST", f"/apps/{name}/log-sessions", {"lines": -1})).status == 422


async def test_output_streams_while_it_is_written(api: Api) -> None:
    stream = uuid4()
    streams = api.platform.streams
    url = f"http://127.0.0.1:{api.platform.place.port}{builds.output_path(api.platform, stream)}"
    assert (await api("GET", url)).status == 404
    streams.append(stream, b"-----> Building\n")
    follower = await _follow(url)
    await follower.until(b"Building\n")
    streams.append(stream, b"-----> Done\n")
    await follower.until(b"Done\n")
    streams.finish(stream)
    assert await follower.end() == b"-----> Building\n-----> Done\n"
    assert (await api("GET", url[:-1] + ("0" if url[-1] != "0" else "1"))).status == 404
    assert (await api("HEAD", url)).body == b""


async def test_output_of_a_pending_build_is_waited_for(api: Api) -> None:
    name = await api.app()
    made = await _build(api, name, b"source")
    url = made["output_stream_url"].replace("localhost", "127.0.0.1")
    follower = await _follow(url)
    api.platform.streams.append(UUID(made["id"]), b"begun\n")
    await follower.until(b"begun\n")
    api.platform.streams.finish(UUID(made["id"]))
    assert await follower.end() == b"begun\n"


async def _build(api: Api, name: str, content: bytes, **blob: str) -> dict[str, str]:
    source = (await api("POST", "/sources")).json["source_blob"]
    put = await api("PUT", source["put_url"].replace("localhost", "127.0.0.1"), raw=content)
    assert put.status == 200
    body = {"source_blob": {"url": source["get_url"], **blob}}
    made = await api("POST", f"/apps/{name}/builds", body)
    assert made.status == 201, made
    found: dict[str, str] = made.json
    return found


async def test_build_takes_an_uploaded_source_once_at_a_time(api: Api) -> None:
    name = await api.app()
    digest = hashlib.sha256(b"source").hexdigest()
    made = await _build(api, name, b"source", checksum=f"SHA256:{digest}")
    kept = await api("GET", made["source_blob"]["url"].replace("localhost", "127.0.0.1"))  # type: ignore[index]
    assert kept.body == b"source"
    second = await api("POST", "/sources")
    source = second.json["source_blob"]
    await api("PUT", source["put_url"].replace("localhost", "127.0.0.1"), raw=b"x")
    body = {"source_blob": {"url": source["get_url"]}}
    busy = await api("POST", f"/apps/{name}/builds", body)
    assert (busy.status, busy.json["id"]) == (409, "build_in_progress")
    uploads = api.platform.sources / "uploads"
    assert len(list(uploads.glob("*.upload"))) == 2, "no copy of the refused source stays"


async def test_bad_sources_are_refused(api: Api) -> None:
    name = await api.app()
    path = f"/apps/{name}/builds"
    source = (await api("POST", "/sources")).json["source_blob"]
    wrong = [
        "file:///etc/passwd",
        "nonsense",
        source["get_url"],
        source["get_url"] + "0",
        "http://127.0.0.1:1/source.tgz",
        "http://[",
    ]
    for url in wrong:
        got = await api("POST", path, {"source_blob": {"url": url}})
        assert got.status in (403, 404, 422), (url, got)
    forged = source["put_url"].replace("localhost", "127.0.0.1") + "0"
    assert (await api("PUT", forged, raw=b"x")).status == 403
    put = source["put_url"].replace("localhost", "127.0.0.1")
    assert (await api("GET", put)).status == 403
    assert (await api("PUT", put, raw=b"x")).status == 200
    body = {"source_blob": {"url": source["get_url"], "checksum": "SHA256:" + "0" * 64}}
    assert (await api("POST", path, body)).status == 422


async def test_source_is_fetched_by_url(api: Api) -> None:
    name = await api.app()
    stream = uuid4()
    api.platform.streams.append(stream, b"archive")
    api.platform.streams.finish(stream)
    url = f"http://127.0.0.1:{api.platform.place.port}{builds.output_path(api.platform, stream)}"
    got = await api("POST", f"/apps/{name}/builds", {"source_blob": {"url": url}})
    assert got.status == 201
    build = await builds.by_id(api.platform, UUID(got.json["id"]))
    assert build is not None
    assert (api.platform.sources / build.source).read_bytes() == b"archive"


async def test_lists_come_in_pages(api: Api) -> None:
    name = await api.app()
    for number in range(6):
        await api("PATCH", f"/apps/{name}/config-vars", {"N": str(number)})
    path = f"/apps/{name}/releases"
    whole = await api("GET", path)
    assert (whole.status, len(whole.json)) == (200, 7)
    assert "version" in whole.headers["accept-ranges"]
    newest = await api("GET", path, Range="version ..; max=1, order=desc")
    assert [r["version"] for r in newest.json] == [7]
    assert newest.status == 206
    seen, range_ = [], "version ..; order=desc,max=3"
    while range_:
        page = await api("GET", path, Range=range_)
        seen += [r["version"] for r in page.json]
        assert page.status == (206 if "next-range" in page.headers else 200)
        range_ = page.headers.get("next-range", "")
    assert seen == [7, 6, 5, 4, 3, 2, 1]
    assert (await api("GET", path, Range="")).status == 200
    for bad in ("version ..; max=5000", "shoe ..", "bytes=0-5", "version a.."):
        assert (await api("GET", path, Range=bad)).status == 416
