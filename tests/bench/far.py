"""A way of 50 ms to a server on loopback: far.py HOST PORT prints the port to use instead.

Each direction takes 25 ms, whatever the amount, as a long line with enough room does.
"""

import asyncio
import sys

DELAY = 0.025


async def carry(reader, writer):
    """A chunk goes on when its time has come; the next ones are read meanwhile."""
    loop, queue = asyncio.get_running_loop(), asyncio.Queue()

    async def read():
        while chunk := await reader.read(65536):
            queue.put_nowait((loop.time() + DELAY, chunk))
        queue.put_nowait((loop.time() + DELAY, b""))

    task = loop.create_task(read())
    try:
        while True:
            due, chunk = await queue.get()
            await asyncio.sleep(due - loop.time())
            if not chunk:
                break
            writer.write(chunk)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        task.cancel()
        writer.close()


async def main(host, port):
    async def connected(reader, writer):
        try:
            far_reader, far_writer = await asyncio.open_connection(host, port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(carry(reader, far_writer), carry(far_reader, writer), return_exceptions=True)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
