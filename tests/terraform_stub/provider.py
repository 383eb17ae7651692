"""The provider's process: Terraform starts it, and talks protocol 6 with it. Not a provider, a test double.

STUB_FOLDER holds the protocol's modules and the schemas, STUB_PROVIDER says whose it is, STUB_LOG gets a line of JSON
for all that providers are given: with plaintext, so tests use secrets of their own.
"""

import json
import os
import sys
import threading
import time
import uuid
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

FOLDER = Path(os.environ["STUB_FOLDER"])
sys.path[:0] = [str(FOLDER), str(Path(__file__).parent.parent)]

import grpc  # noqa: E402
import tfplugin6_pb2 as pb  # noqa: E402
import tfplugin6_pb2_grpc as rpc  # noqa: E402

from terraform_stub.reading import read  # noqa: E402
from terraform_stub.values import (  # noqa: E402
    UNKNOWN,
    Block,
    from_json,
    is_any,
    is_write_only,
    packed,
    plain,
    unpacked,
    without_write_only,
)

NAME = os.environ["STUB_PROVIDER"]
SCHEMA = json.loads((FOLDER / f"{NAME}.json").read_text())
_UNLIMITED = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]


def schema(block: Block, resource: bool) -> Any:
    """Its schema. What a resource requires is not looked at: tests say only what they are about."""
    return pb.Schema(version=0, block=_block(block, resource, has_id=True))


def _block(block: Block, resource: bool, has_id: bool = False) -> Any:
    told = pb.Schema.Block()
    if has_id:
        told.attributes.add(name="id", type=b'"string"', optional=True, computed=True)
    for name, one in block["attributes"].items():
        if has_id and name == "id":
            continue
        mode = "optional" if resource and one["mode"] == "required" else one["mode"]
        kind = "dynamic" if is_any(one["type"]) else one["type"]
        written = resource and is_write_only(name, one)
        told.attributes.add(name=name, type=json.dumps(kind).encode(), write_only=written, **{mode: True})
    for name, inner in block["blocks"].items():
        single = name == "timeouts"
        nesting = pb.Schema.NestedBlock.SINGLE if single else pb.Schema.NestedBlock.LIST
        told.block_types.add(type_name=name, nesting=nesting, block=_block(inner, resource))
    return told


def _dynamic(value: Any) -> Any:
    return pb.DynamicValue(msgpack=packed(value))


def _error(summary: str) -> Any:
    return pb.Diagnostic(severity=pb.Diagnostic.ERROR, summary=summary)


class Provider(rpc.ProviderServicer):  # type: ignore[misc, name-defined]
    def __init__(self) -> None:
        self.configuration: dict[str, Any] = {}

    def GetProviderSchema(self, request: Any, context: Any) -> Any:
        return pb.GetProviderSchema.Response(
            provider=pb.Schema(block=_block(SCHEMA["provider"], True)),
            resource_schemas={name: schema(block, True) for name, block in SCHEMA["resource"].items()},
            data_source_schemas={name: schema(block, False) for name, block in SCHEMA["data"].items()},
            ephemeral_resource_schemas={
                name: pb.Schema(block=_block(block, False)) for name, block in SCHEMA["ephemeral"].items()
            },
        )

    def GetResourceIdentitySchemas(self, request: Any, context: Any) -> Any:
        return pb.GetResourceIdentitySchemas.Response()

    def GetFunctions(self, request: Any, context: Any) -> Any:
        return pb.GetFunctions.Response()

    def ValidateProviderConfig(self, request: Any, context: Any) -> Any:
        return pb.ValidateProviderConfig.Response()

    def ConfigureProvider(self, request: Any, context: Any) -> Any:
        self.configuration = plain(unpacked(request.config.msgpack)) or {}
        _log("provider", NAME, self.configuration)
        return pb.ConfigureProvider.Response()

    def ValidateResourceConfig(self, request: Any, context: Any) -> Any:
        given = unpacked(request.config.msgpack)
        return pb.ValidateResourceConfig.Response(diagnostics=_conflicts(given, SCHEMA["resource"][request.type_name]))

    def ValidateDataResourceConfig(self, request: Any, context: Any) -> Any:
        return pb.ValidateDataResourceConfig.Response()

    def ValidateEphemeralResourceConfig(self, request: Any, context: Any) -> Any:
        return pb.ValidateEphemeralResourceConfig.Response()

    def UpgradeResourceState(self, request: Any, context: Any) -> Any:
        state = from_json(json.loads(request.raw_state.json), SCHEMA["resource"][request.type_name])
        return pb.UpgradeResourceState.Response(upgraded_state=_dynamic(state))

    def ReadResource(self, request: Any, context: Any) -> Any:
        return pb.ReadResource.Response(new_state=request.current_state, private=request.private)

    def PlanResourceChange(self, request: Any, context: Any) -> Any:
        wanted, before = unpacked(request.proposed_new_state.msgpack), unpacked(request.prior_state.msgpack)
        if wanted is not None:
            block = SCHEMA["resource"][request.type_name]
            wanted = without_write_only(wanted, block)
            for name, one in block["attributes"].items():
                if before is None and one["mode"] == "computed" and wanted.get(name) is None:
                    wanted[name] = UNKNOWN
            if before is None and wanted.get("id") is None:
                wanted["id"] = UNKNOWN
        return pb.PlanResourceChange.Response(planned_state=_dynamic(wanted))

    def ApplyResourceChange(self, request: Any, context: Any) -> Any:
        planned = unpacked(request.planned_state.msgpack)
        if planned is not None:
            planned = {name: _made(request.type_name, name) if one == UNKNOWN else one for name, one in planned.items()}
            _log("resource", request.type_name, plain(unpacked(request.config.msgpack)))
        return pb.ApplyResourceChange.Response(new_state=_dynamic(planned))

    def ReadDataSource(self, request: Any, context: Any) -> Any:
        given = unpacked(request.config.msgpack)
        try:
            found = {"id": "x"} | read(request.type_name, plain(given), self.configuration)
        except Exception as error:
            return pb.ReadDataSource.Response(diagnostics=[_error(str(error))])
        return pb.ReadDataSource.Response(state=_dynamic(_filled(given, found, given)))

    def OpenEphemeralResource(self, request: Any, context: Any) -> Any:
        given = unpacked(request.config.msgpack)
        try:
            found = read(request.type_name, plain(given), self.configuration)
        except Exception as error:
            return pb.OpenEphemeralResource.Response(diagnostics=[_error(str(error))])
        attributes = SCHEMA["ephemeral"][request.type_name]["attributes"]
        computed = [name for name, one in attributes.items() if one["mode"] == "computed"]
        return pb.OpenEphemeralResource.Response(result=_dynamic(_filled(given, found, computed)))

    def CloseEphemeralResource(self, request: Any, context: Any) -> Any:
        return pb.CloseEphemeralResource.Response()

    def StopProvider(self, request: Any, context: Any) -> Any:
        return pb.StopProvider.Response()


def _made(kind: str, name: str) -> str | None:
    """What a resource finds out when it is made."""
    one = SCHEMA["resource"][kind]["attributes"].get(name, {"type": "string"})
    return uuid.uuid4().hex if one["type"] == "string" else None


def _filled(given: dict[str, Any], found: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """What was given, and of what was found what has these names."""
    known = set(names)
    return {name: found.get(name) if one is None and name in known else one for name, one in given.items()}


def _conflicts(given: Any, block: Block) -> list[Any]:
    """What the bindings do not say and every write-only argument has: not both, and not without its counter."""
    told = []
    for name, one in block["attributes"].items():
        plain_name, counter = name.removesuffix("_wo"), f"{name}_version"
        if is_write_only(name, one) and isinstance(given, dict) and given.get(name) is not None:
            if given.get(plain_name) is not None:
                told.append(_error(f"Conflicting configuration arguments: {plain_name} and {name}"))
            if counter in block["attributes"] and given.get(counter) is None:
                told.append(_error(f"Missing required argument: {counter}"))
    for name, inner in block["blocks"].items():
        for each in given.get(name) or () if isinstance(given, dict) else ():
            told += _conflicts(each, inner)
    return told


def _log(sort: str, kind: str, values: Any) -> None:
    with Path(os.environ["STUB_LOG"]).open("a") as log:
        log.write(json.dumps([sort, kind, values]) + "\n")


def _shutdown(request: bytes, context: Any) -> bytes:
    threading.Timer(0.05, os._exit, (0,)).start()
    return b""


def main() -> None:
    server = grpc.server(ThreadPoolExecutor(8), options=_UNLIMITED)
    rpc.add_ProviderServicer_to_server(Provider(), server)
    handler = grpc.unary_unary_rpc_method_handler(_shutdown)
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("plugin.GRPCController", {"Shutdown": handler}),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(f"1|6|tcp|127.0.0.1:{port}|grpc|", flush=True)
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)


if __name__ == "__main__":
    main()
