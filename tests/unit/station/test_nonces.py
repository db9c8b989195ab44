from kruispunt.station.nonces import Nonces


def test_a_nonce_counts_once_until_it_expires():
    nonces = Nonces()

    assert nonces.claim(b"a", expires=10, now=0)
    assert not nonces.claim(b"a", expires=10, now=10)
    assert nonces.claim(b"a", expires=20, now=11)


def test_the_memory_does_not_grow_beyond_its_bound():
    nonces = Nonces(limit=3)

    for n in range(100):
        nonces.claim(bytes([n]), expires=1000, now=0)

    assert len(nonces) == 3
    assert not nonces.claim(bytes([99]), expires=1000, now=0)
