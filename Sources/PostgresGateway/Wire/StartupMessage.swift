//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import NIOCore

/// A StartupMessage that has been checked.
struct StartupMessage: Sendable, Equatable {
    typealias Parameter = GatewayParameter

    /// The minor version that the client requested; above 0 it is answered with 3.0, the only version supported.
    var minorVersion: UInt16
    var user: String
    var database: String

    /// The other parameters, unchanged: the server interprets them.
    var parameters: [Parameter]

    /// Protocol options (`_pq_.`), none of which is supported here.
    var protocolOptions: [[UInt8]]

    /// Whether the client has to be told which version and options it gets.
    var needsNegotiation: Bool { self.minorVersion > 0 || !self.protocolOptions.isEmpty }

    /// Compared as bytes, as the server compares them.
    static func == (left: StartupMessage, right: StartupMessage) -> Bool {
        left.minorVersion == right.minorVersion && left.user.isExactly(right.user)
            && left.database.isExactly(right.database) && left.parameters == right.parameters
            && left.protocolOptions == right.protocolOptions
    }
}

extension StartupMessage {
    /// Reads everything after the protocol version.
    init(minorVersion: UInt16, body: ByteBuffer) throws(LoginRejection) {
        self.init(minorVersion: minorVersion, user: "", database: "", parameters: [], protocolOptions: [])
        var body = body
        var seen: Set<[UInt8]> = []
        while true {
            guard let name = body.readBytesToNUL() else {
                throw .protocolViolation("invalid startup packet layout: a parameter's name has no terminator")
            }
            guard !name.isEmpty else { break }
            guard let value = body.readBytesToNUL() else {
                throw .protocolViolation(
                    "invalid startup packet layout: the value of \"\(name.escapedForLog())\" has no terminator"
                )
            }
            guard seen.insert(name.map(\.lowercasedASCII)).inserted else {
                throw .protocolViolation("invalid startup packet: \"\(name.escapedForLog())\" occurs twice")
            }
            if name.elementsEqual("user".utf8) {
                self.user = try Self.text(value, of: "user")
            } else if name.elementsEqual("database".utf8) {
                self.database = try Self.text(value, of: "database")
            } else if name.starts(with: "_pq_.".utf8) {
                self.protocolOptions.append(name)
            } else {
                self.parameters.append(Parameter(nameBytes: name, valueBytes: value))
            }
        }
        guard body.readableBytes == 0 else {
            throw .protocolViolation("invalid startup packet layout: expected terminator as last byte")
        }
        guard !self.user.isEmpty else {
            throw LoginRejection(
                sqlState: "28000",
                message: "no PostgreSQL user name specified in startup packet"
            )
        }
        if self.database.isEmpty { self.database = self.user }
    }

    /// Reads a parameter by which logins are decided, which has to be text.
    private static func text(_ bytes: [UInt8], of parameter: String) throws(LoginRejection) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw LoginRejection(
                sqlState: "08P01",
                message: "invalid startup packet: the value of \"\(parameter)\" is not valid UTF-8",
                detail: "It is \"\(bytes.escapedForLog())\".",
                hint: "Give the name in UTF-8; PostgreSQL compares names as bytes."
            )
        }
        return text
    }
}

extension UInt8 {
    /// The byte of the lower-case letter, if this is an upper-case letter in ASCII.
    var lowercasedASCII: UInt8 { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self }
}

extension ByteBuffer {
    /// Reads up to and including the next NUL; `nil` if there is none.
    fileprivate mutating func readBytesToNUL() -> [UInt8]? {
        guard let length = self.readableBytesView.firstIndex(of: 0).map({ $0 - self.readerIndex }),
            let bytes = self.readBytes(length: length)
        else { return nil }
        self.moveReaderIndex(forwardBy: 1)
        return bytes
    }

    /// Appends bytes, without a copy if the buffer is empty.
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
