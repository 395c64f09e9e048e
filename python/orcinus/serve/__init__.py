"""A server of a trained model: ``python -m orcinus serve`` (docs/serving.md).

``command`` reads the command line, ``application`` and ``schemas`` are what is
said over HTTP, ``engine`` is the thread that owns the session, ``events`` is
what it takes, ``durable`` keeps what was appended, ``metrics`` counts.
"""
