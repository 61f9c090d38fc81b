//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Testing

@Suite("Addresses and bits")
struct NetworkTypeTests {
    @Test(arguments: [
        "10.0.0.1", "0.0.0.0/0", "255.255.255.255", "192.168.0.5/24", "::1", "::/0", "2001:db8::ff00:42:8329/64",
        "::ffff:1.2.3.4",
    ])
    func `inet addresses`(text: String) async throws {
        let address = try #require(PQInet(text))
        #expect(address.description == text)
        try await withConnection { connection in
            // The server's own cast to text shows the whole prefix.
            let shown = try await connection.query(
                "SELECT host(v), masklen(v), v FROM (SELECT \(address) AS v) AS s")
            let (host, length, back) = try #require(shown.first).decode((String, Int, PQInet).self)
            #expect(back == address && length == address.prefixLength)
            #expect(text == host || text == "\(host)/\(length)")
            #expect(try await connection.cell("SELECT \(text)::text::inet", as: PQInet.self) == address)
        }
    }

    @Test func `cidr networks are read, and stored from an address of theirs`() async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE nets (n cidr, ns cidr[])")
            let network = try #require(PQInet("10.1.0.0/16"))
            try await connection.query("INSERT INTO nets VALUES (\(network), '{10.0.0.0/8,::/0}')")
            let (n, ns) = try #require(try await connection.query("SELECT n, ns FROM nets").first)
                .decode((PQInet, [PQInet]).self)
            #expect(n == network && ns.map(\.description) == ["10.0.0.0/8", "::/0"])
            #expect(try await connection.cell("SELECT count(*) FROM nets WHERE n = \(network)", as: Int.self) == 1)
        }
    }

    @Test func `text that is no address is none`() {
        for text in [
            "", "10", "10.0.0", "10.0.0.256", "10.0.0.1/33", "10.0.0.1/", "10.0.0.1/-1", "10.0.0.1/+8", "::1/129",
            ":::", "a.b.c.d", "10.0.0.1/8/8", "1.2.3.4\0",
        ] {
            #expect(PQInet(text) == nil, "\(text)")
        }
        #expect(PQInet(address: [1, 2, 3]) == nil && PQInet(address: [1, 2, 3, 4], prefixLength: 33) == nil)
    }

    @Test func `hardware addresses of six and eight bytes`() async throws {
        try await withConnection { connection in
            let six = try #require(PQMACAddress([0x08, 0, 0x2B, 1, 2, 0xFF]))
            try await expectExact(six, as: "macaddr", text: "08:00:2b:01:02:ff", on: connection)
            #expect(six.description == "08:00:2b:01:02:ff")
            let eight = try #require(PQMACAddress8([0x08, 0, 0x2B, 1, 2, 3, 4, 5]))
            try await expectExact(eight, as: "macaddr8", text: "08:00:2b:01:02:03:04:05", on: connection)
            #expect(eight.description == "08:00:2b:01:02:03:04:05")
        }
        #expect(PQMACAddress([1]) == nil && PQMACAddress8([1]) == nil)
    }

    @Test(arguments: ["", "1", "0", "10110010", "101100101", "0000000000000001"])
    func `bits`(text: String) async throws {
        let bits = try #require(PQBits(text))
        #expect(bits.description == text && PQBits(bits.values) == bits)
        try await withConnection { connection in
            try await expectExact(bits, as: "varbit", text: text, on: connection)
            guard !text.isEmpty else { return }
            try await connection.execute(script: "CREATE TEMP TABLE flags (f bit(\(text.count)))")
            try await connection.query("INSERT INTO flags VALUES (\(bits))")
            #expect(try await connection.cell("SELECT f FROM flags", as: PQBits.self) == bits)
        }
    }

    @Test func `bits beyond the count do not count`() {
        #expect(
            PQBits(bytes: [0xFF], count: 3) == PQBits("111") && PQBits(bytes: [0xFF, 0xFF], count: 3)?.bytes == [0xE0])
        #expect(PQBits(bytes: [0xFF], count: 9) == nil && PQBits(bytes: [], count: -1) == nil && PQBits("12") == nil)
    }
}
