import { describe } from 'vitest';
import { holdShare } from './hold-share.ts';

describe('whatever bytes come', () => holdShare(1, 2));
