"""Another vendor's mutating webhook: adds a container to every pod it is shown. Run as a program: PORT CERT KEY."""
import base64, http.server, json, ssl, sys


class Webhook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        pod = review["request"]["object"]
        response = {"uid": review["request"]["uid"], "allowed": True}
        if not any(c["name"] == "second" for c in pod["spec"]["containers"]):
            patch = [{"op": "add", "path": "/spec/containers/-", "value": {"name": "second", "image": "localhost/pause:1"}}]
            response |= {"patchType": "JSONPatch", "patch": base64.b64encode(json.dumps(patch).encode()).decode()}
        body = json.dumps({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = http.server.ThreadingHTTPServer(("10.77.0.1", int(sys.argv[1])), Webhook)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2], sys.argv[3])
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()
