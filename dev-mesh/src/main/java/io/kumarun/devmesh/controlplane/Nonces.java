package io.kumarun.devmesh.controlplane;

/** Nonces of one stream: they count up over all types, as Kuma's do. Not thread-safe. */
final class Nonces {

  private long last;

  String next() {
    last++;
    return Long.toString(last);
  }
}
