//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore

extension ByteBuffer {
    /// Appends a typed message whose length is filled in afterwards.
    fileprivate mutating func writeMessage(_ type: UInt8, _ body: (inout ByteBuffer) -> Void) {
        self.writeInteger(type)
        let start = self.writerIndex
        self.writeInteger(UInt32(0))
        body(&self)
        self.setInteger(UInt32(self.writerIndex - start), at: start)
    }

    /// Appends text and its NUL; a NUL inside the text, which would end it early, is left out.
    fileprivate mutating func writeText(_ text: some Sequence<UInt8>) {
        self.writeBytes(text.filter { $0 != 0 })
        self.writeInteger(UInt8(0))
    }

    /// Appends an ErrorResponse.
    mutating func writeErrorResponse(_ refusal: LoginRejection) {
        self.writeMessage(UInt8(ascii: "E")) { body in
            var fields: [(Character, String?)] = [("S", refusal.severity), ("V", refusal.severity)]
            fields += [("C", refusal.sqlState), ("M", refusal.message), ("D", refusal.detail), ("H", refusal.hint)]
            for case (let field, let text?) in fields {
                body.writeString(String(field))
                body.writeText(text.utf8)
            }
            body.writeInteger(UInt8(0))
        }
    }

    /// Appends the request for a password in clear text.
    mutating func writeAuthenticationCleartextPassword() {
        self.writeMessage(UInt8(ascii: "R")) { $0.writeInteger(UInt32(3)) }
    }

    /// Appends the answer to a client that asked for more than protocol 3.0 without options.
    mutating func writeNegotiateProtocolVersion(unknownOptions: [[UInt8]]) {
        self.writeMessage(UInt8(ascii: "v")) { body in
            body.writeInteger(UInt32(3 << 16))
            body.writeInteger(UInt32(unknownOptions.count))
            for option in unknownOptions { body.writeText(option) }
        }
    }

    /// Appends BackendKeyData.
    mutating func writeBackendKeyData(_ key: CancelKey) {
        self.writeMessage(UInt8(ascii: "K")) { body in
            body.writeInteger(key.processID)
            body.writeInteger(key.secret)
        }
    }

    /// Appends a StartupMessage for protocol 3.0.
    ///
    /// - Throws: If a text contains a NUL, which would smuggle in another parameter.
    mutating func writeStartupMessage(_ parameters: [GatewayParameter]) throws(LoginRejection) {
        for parameter in parameters {
            guard !parameter.nameBytes.isEmpty, !parameter.nameBytes.contains(0), !parameter.valueBytes.contains(0)
            else {
                throw LoginRejection(
                    sqlState: "08P01",
                    message: "a startup parameter for the upstream is empty or contains a NUL"
                )
            }
        }
        let start = self.writerIndex
        self.writeInteger(UInt32(0))
        self.writeInteger(UInt32(3 << 16))
        for parameter in parameters {
            self.writeText(parameter.nameBytes)
            self.writeText(parameter.valueBytes)
        }
        self.writeInteger(UInt8(0))
        self.setInteger(UInt32(self.writerIndex - start), at: start)
    }

    /// Appends a PasswordMessage.
    mutating func writePasswordMessage(_ password: String) {
        self.writeMessage(UInt8(ascii: "p")) { $0.writeText(password.utf8) }
    }

    /// Appends an SSLRequest.
    mutating func writeTLSRequest() {
        self.writeInteger(UInt32(8))
        self.writeInteger(StartupPacket.tlsRequestCode)
    }

    /// Appends a CancelRequest.
    mutating func writeCancelRequest(_ key: CancelKey) {
        self.writeInteger(UInt32(16))
        self.writeInteger(StartupPacket.cancelRequestCode)
        self.writeInteger(key.processID)
        self.writeInteger(key.secret)
    }
}
