//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The folders of resources that SwiftPM puts beside a program.
enum ResourceBundles {
    /// Those beside the program that belong to it; others in the folder belong to other products.
    ///
    /// The code that SwiftPM generates for `Bundle.module` has the path of the folder in it as text.
    static func of(program: String, in folder: String) throws -> [String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter {
            $0.hasSuffix(".resources")
        }
        guard !names.isEmpty else { return [] }
        let bytes = try Data(contentsOf: URL(fileURLWithPath: program))
        return names.filter { Self.contains(bytes, $0) }.sorted()
    }

    private static func contains(_ bytes: Data, _ text: String) -> Bool {
        bytes.withUnsafeBytes { bytes in
            Array(text.utf8).withUnsafeBytes { word in
                guard var start = bytes.baseAddress, let wanted = word.baseAddress, let first = word.first else {
                    return false
                }
                var left = bytes.count
                while left >= word.count, let found = memchr(start, Int32(first), left - word.count + 1) {
                    if memcmp(found, wanted, word.count) == 0 { return true }
                    left -= UnsafeRawPointer(found) - start + 1
                    start = UnsafeRawPointer(found) + 1
                }
                return false
            }
        }
    }
}
