"""What is running here, and is it right for this machine?

Standard library only: these modules must still give an answer when the packages the server stands on do not load.
"""
