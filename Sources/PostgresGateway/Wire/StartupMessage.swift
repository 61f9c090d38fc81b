//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore

/// A StartupMessage that has been checked.
struct StartupMessage: Sendable, Equatable {
    struct Parameter: Sendable, Equatable {
        var name: String
        var value: String
    }

    /// The minor version the client asked for; above 0 it is told that 3.0 is all there is.
    var minorVersion: UInt16
    var user: String
    var database: String
    var parameters: [Parameter]

    /// Names beginning with `_pq_.`, none of which is known here.
    var protocolOptions: [String]

    /// Whether the client has to be told which version and options it gets.
    var needsNegotiation: Bool { self.minorVersion > 0 || !self.protocolOptions.isEmpty }
}

extension StartupMessage {
    /// Reads what follows the protocol version, all of it.
    init(minorVersion: UInt16, body: ByteBuffer) throws(GatewayRefusal) {
        self.init(minorVersion: minorVersion, user: "", database: "", parameters: [], protocolOptions: [])
        var body = body
        var seen: Set<String> = []
        while true {
            let name = try body.readText("a parameter's name")
            guard !name.isEmpty else { break }
            let value = try body.readText("the value of a parameter")
            guard seen.insert(name.lowercased()).inserted else {
                throw .protocolViolation("invalid startup packet: a parameter occurs twice")
            }
            switch name {
            case "user": self.user = value
            case "database": self.database = value
            case _ where name.hasPrefix("_pq_."): self.protocolOptions.append(name)
            default: self.parameters.append(Parameter(name: name, value: value))
            }
        }
        guard body.readableBytes == 0 else {
            throw .protocolViolation("invalid startup packet layout: expected terminator as last byte")
        }
        guard !self.user.isEmpty else {
            throw GatewayRefusal(
                sqlState: "28000",
                message: "no PostgreSQL user name specified in startup packet"
            )
        }
        if self.database.isEmpty { self.database = self.user }
    }
}

extension ByteBuffer {
    /// Reads UTF-8 text up to and including its NUL.
    fileprivate mutating func readText(_ what: String) throws(GatewayRefusal) -> String {
        guard let length = self.readableBytesView.firstIndex(of: 0).map({ $0 - self.readerIndex }) else {
            throw .protocolViolation("invalid startup packet layout: \(what) has no terminator")
        }
        guard let slice = self.readSlice(length: length), let text = slice.validatedText() else {
            throw .protocolViolation("invalid startup packet: \(what) is not valid UTF-8")
        }
        self.moveReaderIndex(forwardBy: 1)
        return text
    }

    /// Appends bytes, taking them over without a copy if nothing is waiting.
    mutating func append(_ bytes: ByteBuffer) {
        if self.readableBytes == 0 {
            self = bytes
        } else {
            self.writeImmutableBuffer(bytes)
        }
    }

    /// The readable bytes as text, or `nil` if they are not UTF-8.
    func validatedText() -> String? {
        String(validating: self.readableBytesView, as: UTF8.self)
    }
}
