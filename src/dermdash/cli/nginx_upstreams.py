"""The part of nginx's configuration that depends on how many app processes there are: `dermdash nginx-upstreams`."""

from __future__ import annotations

from typing import Annotated

import typer

from dermdash.cli.console import tell

_HEAD = """\
# Made by `dermdash nginx-upstreams{options}`; belongs into http {{ }}, on Debian as /etc/nginx/conf.d/dermdash.conf.
#
# What a page shows and what is uploaded to it lives in the app process that its connection goes to. So a browser stays
# at one process: a cookie names it. Where that process is away the browser goes to another one, and its next
# connection (101) names that one, so that everything of a page comes from where its connection is.

map $http_upgrade $dermdash_connection {{
    default upgrade;
    ''      '';
}}

# Whoever has no cookie yet goes where the fewest connections are.
upstream dermdash_any {{
    least_conn;
{any}    keepalive 16;
}}
"""
_ONE = """
upstream dermdash_{port} {{
    server {host}:{port} max_fails=1 fail_timeout=2s;
{others}    keepalive 16;
}}
"""
_TAIL = """
map $cookie_dermdash_process $dermdash_upstream {{
    default dermdash_any;
{chosen}}}

# The one that answered, the last where several were tried.
map $upstream_addr $dermdash_answered {{
    default '';
{answered}}}

map "$status $dermdash_upstream" $dermdash_names_process {{
    default           '';
    "~^101 "          $dermdash_answered;
    "~ dermdash_any$" $dermdash_answered;
}}

map $https $dermdash_secure {{
    default '';
    on      '; Secure';
}}

map $dermdash_names_process $dermdash_cookie {{
    default "dermdash_process=$dermdash_names_process; Path=/; HttpOnly; SameSite=Lax$dermdash_secure";
    ''      '';
}}

# Of one address, over all processes; each of them has a limit of its own (DERMDASH_CONNECTIONS_PER_ADDRESS).
limit_conn_zone $binary_remote_addr zone=dermdash_address:1m;

# Nothing that opens a door stands in a log: invitations are in what follows the "?", sign-in links in the path.
map $uri $dermdash_logged {{
    default             $uri;
    "~^(.*/sign-in/)."  $1...;
}}
log_format dermdash '$remote_addr [$time_iso8601] "$request_method $dermdash_logged" $status $body_bytes_sent '
                    '${{request_time}}s at $upstream_addr';
"""


def nginx_upstreams(
    processes: Annotated[int, typer.Option(min=1, max=64, help="As of dermdash serve.")] = 2,
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Of the first, as of dermdash serve.")] = 8501,
    host: Annotated[str, typer.Option(help="Where the app processes are, as the proxy reaches them.")] = "127.0.0.1",
) -> None:
    """Print nginx's upstreams for so many app processes (docs/deployment.md)."""
    tell(upstreams(range(port, port + processes), host=host).rstrip("\n"))


def upstreams(ports: range, *, host: str = "127.0.0.1") -> str:
    """The configuration for processes on these ports."""
    said = {"--processes": (len(ports), 2), "--port": (ports[0], 8501), "--host": (host, "127.0.0.1")}
    options = "".join(f" {name} {value}" for name, (value, usual) in said.items() if value != usual)
    servers = {port: f"    server {host}:{port} max_fails=1 fail_timeout=2s;\n" for port in ports}
    parts = [_HEAD.format(options=options, any="".join(servers.values()))]
    for port in ports:
        others = "".join(f"    server {host}:{other} backup;\n" for other in ports if other != port)
        parts.append(_ONE.format(host=host, port=port, others=others))
    chosen = "".join(f"    {port:<7} dermdash_{port};\n" for port in ports)
    answered = "".join(f'    "~:{port}$" {port};\n' for port in ports)
    return "".join([*parts, _TAIL.format(chosen=chosen, answered=answered)])
