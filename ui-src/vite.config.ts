import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [react()],
  build: {
    // The server's content-security policy is 'self' alone: nothing may be inlined into the page or the styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // A source map would carry paths, and doubles the size of an image layer.
    sourcemap: false,
    // The MIT licences of what is bundled ask to go along with it.
    license: { fileName: 'licenses.txt' },
    reportCompressedSize: false,
  },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': 'http://127.0.0.1:8082' },
  },
  test: {
    // A busy machine is slow, not wrong.
    testTimeout: 30_000,
    include: ['src/**/*.test.{ts,tsx}'],
    restoreMocks: true,
  },
});
