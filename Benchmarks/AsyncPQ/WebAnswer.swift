//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import BenchmarkSupport
import Foundation

/// The answer of a web server to one request.
struct WebAnswer {
    var status: Int
    /// The lines of the head, in small letters.
    var head: [String]
    var body: String

    /// Asks the server on the loopback interface.
    init(port: Int, path: String) throws {
        #if canImport(Glibc)
        let kind = Int32(SOCK_STREAM.rawValue)
        #else
        let kind = SOCK_STREAM
        #endif
        let descriptor = socket(AF_INET, kind, 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard descriptor >= 0, connected == 0 else { throw Self.failure(path, "no connection") }
        let request = [UInt8]("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".utf8)
        guard write(descriptor, request, request.count) == request.count else { throw Self.failure(path, "no request") }
        var answer: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(descriptor, &piece, piece.count)
            guard count > 0 else { break }
            answer += piece[..<count]
        }
        let text = String(decoding: answer, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { throw Self.failure(path, text) }
        let lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
        let words = (lines.first ?? "").split(separator: " ")
        guard words.count > 1, let status = Int(words[1]) else { throw Self.failure(path, text) }
        self.status = status
        self.head = lines.map { $0.lowercased() }
        self.body = String(text[end.upperBound...])
        // The servers know the length of what they send; only then is the rest of the text the body.
        guard self.head.contains("content-length: \(self.body.utf8.count)") else { throw Self.failure(path, text) }
    }

    private static func failure(_ path: String, _ output: String) -> ProgramFailure {
        ProgramFailure(program: "GET \(path)", output: output)
    }
}
