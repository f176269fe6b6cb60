package io.kumarun.kuma.translate;

/**
 * Something in a resource that changes nothing here.
 *
 * @param path from the root of the resource; empty: the resource as a whole
 * @param feature what it is, in the same words wherever it stands
 */
public record Note(String path, String feature) {}
