"""REST of registered tools: one function per operationId of openapi/courses/xapi.yaml."""

from __future__ import annotations

from typing import Any

from gateway.context import Answer, answer, call


def list_xapi_tools(cursor: str | None = None, limit: int | None = None) -> Answer:
    """Registered tools."""
    return answer(call("courses", "list_xapi_tools", {}, cursor=cursor, limit=limit))


def register_xapi_tool(body: dict[str, Any]) -> Answer:
    """A new one, with its secret."""
    return answer(call("courses", "register_xapi_tool", body), 201)


def revoke_xapi_tool(tool_id: str) -> Answer:
    """Let in no more."""
    call("courses", "revoke_xapi_tool", {"tool_id": tool_id})
    return answer(None, 204)
