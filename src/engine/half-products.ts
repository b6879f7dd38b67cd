/** Whether the products that are made now may be computed in bfloat16, where a graph is compiled so (`compile`'s `precision`). */
export const halfProducts = { allowed: false };

/**
 * Let the products that `make` makes be computed in bfloat16: those of a network's layers, whose sums stay in float32 inside. Norms, softmax, losses
 * and the optimizer keep their own. Without such a graph it does nothing.
 */
export function inHalf<T>(make: () => T): T {
  const before = halfProducts.allowed;
  halfProducts.allowed = true;
  try {
    return make();
  } finally {
    halfProducts.allowed = before;
  }
}
