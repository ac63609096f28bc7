export const processor = {};
