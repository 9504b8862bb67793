"""The hardened nameko host: the only code that imports nameko, eventlet, kombu and amqp.

    patch.py      first of all: sockets, threads and sleeps become cooperative; psycopg 2 instead of 3
    host.py       one Service object as a nameko service, run by ServiceRunner; drain at SIGTERM
    consumer.py   the queue consumer: raw messages, quick reconnection, acknowledgements before it leaves
    requests.py   RPC: malformed requests are parked, late ones not executed, each under a time limit
    events.py     events: acknowledge after the commit, a ladder of retries, parking
    publisher.py  answers without a confirm, letters with one

What raw nameko does instead, and why each of these exists: docs/adr/0002-isolating-nameko.md.
"""
