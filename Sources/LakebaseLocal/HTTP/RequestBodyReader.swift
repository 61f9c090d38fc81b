//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Hummingbird
import NIOCore
import NIOFoundationCompat
import Secrets

/// Reads bodies: into memory within a budget, or into a file.
struct RequestBodyReader: Sendable {
    /// The reason why a body was not read completely.
    enum Failure: Error, Equatable {
        case tooLong(limit: Int)
        case noRoom
        case broken
        case unwritable
    }

    let budget: BodyBudget

    /// Reads a body and passes it to `body`; its bytes count against the budget until that returns.
    func collect<Result: Sendable>(
        _ request: Request, limit: Int, _ body: (Data) async -> Result
    ) async throws(Failure) -> Result {
        var data = Data()
        var taken = 0
        defer { self.budget.release(taken) }
        do {
            for try await buffer in request.body {
                guard buffer.readableBytes <= limit - data.count else { throw Failure.tooLong(limit: limit) }
                try self.budget.take(buffer.readableBytes)
                taken += buffer.readableBytes
                data.append(contentsOf: buffer.readableBytesView)
            }
            try Self.checkEnd(request, data.count)
        } catch let failure as Failure {
            throw failure
        } catch is BodyBudget.Exhausted {
            throw .noRoom
        } catch {
            throw .broken
        }
        return await body(data)
    }

    /// Writes a body to a new file and passes its bytes to `body`, mapped from the file and not copied into memory.
    func spool<Result: Sendable>(
        _ request: Request, limit: Int, to path: String, _ body: (Data) async -> Result
    ) async throws(Failure) -> Result {
        let file: SpooledFile
        do { file = try SpooledFile(path: path) } catch { throw .unwritable }
        defer { file.remove() }
        var size = 0
        let data: Data
        do {
            for try await buffer in request.body {
                guard buffer.readableBytes <= limit - size else { throw Failure.tooLong(limit: limit) }
                size += buffer.readableBytes
                try await file.append(buffer.readableBytesView)
            }
            try Self.checkEnd(request, size)
            data = try file.contents(size)
        } catch let failure as Failure {
            throw failure
        } catch is SpooledFile.Failure {
            throw .unwritable
        } catch {
            throw .broken
        }
        return await body(data)
    }

    /// Checks that the body is complete: a lost connection ends a body too.
    private static func checkEnd(_ request: Request, _ size: Int) throws(Failure) {
        if let text = request.headers[.contentLength], Int(text) != size { throw .broken }
    }

    /// Rejects a body by the length in its head.
    static func check(_ request: Request, _ limit: Int) throws(Failure) {
        guard let text = request.headers[.contentLength] else { return }
        guard let length = Int(text), length <= limit else { throw .tooLong(limit: limit) }
    }
}

/// A file that is being written, readable by its owner only.
struct SpooledFile: Sendable {
    struct Failure: Error {}

    let path: String
    private let descriptor: Int32

    init(path: String) throws(Failure) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Failure() }
        self.path = path
        self.descriptor = descriptor
    }

    /// Appends bytes on another thread, since the disk may be slow.
    @concurrent
    func append(_ bytes: ByteBufferView) async throws(Failure) {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(self.descriptor, $0.baseAddress, $0.count) }
            if count > 0 { rest = rest.dropFirst(count) } else if count == 0 || errno != EINTR { throw Failure() }
        }
    }

    /// The bytes, which stay valid when the file is removed.
    ///
    /// Not by `Data(contentsOf:options:)`: that of Foundation on Linux keeps a page for each empty file for ever.
    func contents(_ size: Int) throws(Failure) -> Data {
        guard size > 0 else { return Data() }
        guard let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, self.descriptor, 0), address != MAP_FAILED else {
            throw Failure()
        }
        return Data(bytesNoCopy: address, count: size, deallocator: .custom { munmap($0, $1) })
    }

    func remove() {
        close(self.descriptor)
        unlink(self.path)
    }
}
