/** LoRA as it is without settings: the attention of every block, at a small rank. */
export const loraDefaults = { rank: 8, alpha: 16, targets: ['q_proj', 'k_proj', 'v_proj', 'o_proj'] };
