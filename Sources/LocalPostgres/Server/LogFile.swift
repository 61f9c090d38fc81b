//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import LocalGround

/// The file a server writes its messages to.
struct LogFile: ~Copyable {
    /// A log that grew beyond this starts anew with the next start of the server.
    static let limit = 16 * 1024 * 1024

    let descriptor: Int32
    private let start: off_t

    init?(path: String) {
        let descriptor = OwnFile.open(path, O_RDWR | O_CREAT | O_APPEND)
        guard descriptor >= 0 else { return nil }
        self.descriptor = descriptor
        if lseek(descriptor, 0, SEEK_END) > Self.limit { ftruncate(descriptor, 0) }
        self.start = max(0, lseek(descriptor, 0, SEEK_END))
    }

    deinit { close(self.descriptor) }

    /// The last lines written since this was opened.
    func tail() -> String {
        let end = lseek(self.descriptor, 0, SEEK_END)
        let from = max(self.start, end - 4096)
        guard end > from else { return "it said nothing" }
        var bytes = [UInt8](repeating: 0, count: Int(end - from))
        let count = pread(self.descriptor, &bytes, bytes.count, from)
        return BranchDataDirectory.tail(of: String(decoding: bytes.prefix(max(0, count)), as: UTF8.self))
    }
}
