"""The NoETL server: `python -m noetl.server`.

It answers one question over HTTP: what exactly is running here, and is it right for this machine?
"""
