//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

@testable import LakebaseDeploy

/// The reader of ELF, on programs of this machine and on what is left of them after damage.
@Suite struct ELFImageTests {
    /// A small program that is on every machine.
    static let program = "/usr/bin/env"

    private static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path).resolvingSymlinksInPath()))
    }

    @Test func readsAProgram() throws {
        let image = try ELFImage(ELFFile(Self.program))
        #expect(image.machine == ELFImage.x86_64)
        #expect(image.interpreter == "/lib64/ld-linux-x86-64.so.2")
        #expect(image.needed.contains("libc.so.6"))
        #expect(image.soname == nil)
        let libc = try #require(image.requires.first { $0.library == "libc.so.6" })
        #expect(libc.versions.contains("GLIBC_2.2.5"))
    }

    @Test func readsALibrary() throws {
        let path = "/usr/lib/x86_64-linux-gnu/libc.so.6"
        let image = try ELFImage(ELFFile(path))
        #expect(image.soname == "libc.so.6")
        #expect(image.defines.contains("GLIBC_2.2.5") && image.defines.contains("GLIBC_2.17"))
        #expect(try ELFImage(ELFMemory(bytes: Self.bytes(path))) == image)
    }

    /// This program was linked by SwiftPM, which says where Swift's libraries are.
    @Test func readsFoldersOfLibraries() throws {
        let image = try ELFImage(ELFFile("/proc/self/exe"))
        #expect(!image.needed.isEmpty)
        #expect((image.runpath + image.rpath).contains { $0.contains("$ORIGIN") })
    }

    @Test(arguments: [[], [0x7F], Array("#!/bin/sh\n".utf8), Array(repeating: 0, count: 64)] as [[UInt8]])
    func refusesWhatIsNoELF(_ bytes: [UInt8]) {
        #expect(throws: ELFError.notELF) { try ELFImage(ELFMemory(bytes: bytes)) }
    }

    @Test func refusesOtherKinds() throws {
        var bytes = try Self.bytes(Self.program)
        bytes[4] = 1
        #expect(throws: ELFError.unsupported("it is not for a 64-bit little-endian processor")) {
            try ELFImage(ELFMemory(bytes: bytes))
        }
    }

    /// Whatever is cut off, the answer is the whole truth or an error.
    @Test func survivesBeingCutOff() throws {
        let bytes = try Self.bytes(Self.program)
        let whole = try ELFImage(ELFMemory(bytes: bytes))
        var refused = 0
        for length in stride(from: 0, to: bytes.count, by: 37) {
            do {
                let image = try ELFImage(ELFMemory(bytes: Array(bytes[..<length])))
                #expect(image == whole)
            } catch is ELFError {
                refused += 1
            }
        }
        #expect(refused > 10)
    }

    /// Eight bytes anywhere in the headers and in what they point to, replaced by what hurts: none may trap.
    @Test func survivesDamage() throws {
        let bytes = try Self.bytes(Self.program)
        let dynamic = try #require(Self.offsetOfDynamicSection(bytes))
        let places = Array(0..<1024) + Array(dynamic..<min(dynamic + 512, bytes.count - 8))
        let values: [UInt64] = [0, 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, .max >> 1, (.max >> 1) + 1, .max]
        var refused = 0
        for place in places {
            for value in values {
                var damaged = bytes
                for index in 0..<8 { damaged[place + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(index))) }
                do { _ = try ELFImage(ELFMemory(bytes: damaged)) } catch is ELFError { refused += 1 }
            }
        }
        #expect(refused > 100)
    }

    private static func offsetOfDynamicSection(_ bytes: [UInt8]) -> Int? {
        let header = ELFRange(bytes: bytes, what: "the file")
        guard let offset = try? header.u64(32), let count = try? header.u16(56) else { return nil }
        let headers = (0..<Int(count)).compactMap { try? ProgramHeader(header, at: Int(offset) + 56 * $0) }
        return headers.first { $0.type == .dynamic }.map { Int($0.offset) }
    }
}
