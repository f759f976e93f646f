"""The router: one Envoy, told by delta ADS what each app's requests are answered with.

``snapshot`` is pure (routes → xDS resources), ``xds`` serves them, ``envoy`` keeps the process.
The router never looks into the store: control publishes routes to it.
"""
